"""What a full disk does to the catalog and the files.

A limit on the size of files stands in for the full disk: it needs no mount, and the kernel refuses
the write in the same place. It holds for the whole process, so it is set in a child.
"""

import hashlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from stores.access import AccessFilter
from stores.catalog import Catalog
from stores.errors import StorageFull
from stores.files import FileStore
from tests.stores.builders import make_blocks, make_chunks, make_document

_UNDER_A_LIMIT = """
import resource, sys
from pathlib import Path
from stores.catalog import Catalog
from stores.errors import StorageFull
from stores.files import FileStore
from tests.stores.builders import make_blocks, make_chunks, make_document

resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
catalog = Catalog(sys.argv[1])
committed = 0
try:
    while True:
        document = make_document(f"file:///{committed}")
        catalog.documents.commit(
            document, make_blocks(document, count=50), make_chunks(document, count=50)
        )
        committed += 1
except StorageFull as error:
    print(committed, error)
assert len(catalog.documents.tenant_documents("acme")) == committed

files = FileStore(Path(sys.argv[2]))
try:
    files.put("acme", b"x" * 500_000)
except StorageFull as error:
    print(error)
files.put("acme", b"small")

resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
document = make_document("file:///afterwards")
catalog.documents.commit(document, make_blocks(document), make_chunks(document))
files.put("acme", b"x" * 500_000)
catalog.close()
"""


def test_a_full_disk_is_told_and_nothing_is_half_written(catalog_url: str, tmp_path: Path) -> None:
    files = tmp_path / "files"
    child = subprocess.run(
        [sys.executable, "-c", _UNDER_A_LIMIT, catalog_url, str(files)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.stderr == ""
    about_catalog, about_files = child.stdout.splitlines()
    committed = int(about_catalog.split()[0])
    assert committed > 0
    assert "free space on its disk" in about_catalog
    assert "free space on its disk" in about_files
    assert _kept(files) == {_sha256(b"small"), _sha256(b"x" * 500_000)}
    _check_catalog(catalog_url, documents=committed + 1)


def _check_catalog(catalog_url: str, *, documents: int) -> None:
    catalog = Catalog(catalog_url)
    try:
        assert len(catalog.documents.tenant_documents("acme")) == documents
        with catalog._database.read() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    finally:
        catalog.close()


def _kept(root: Path) -> set[str]:
    return {file.name for file in root.rglob("*") if file.is_file()}


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_catalog_that_may_not_grow_keeps_the_old_revision(catalog: Catalog) -> None:
    """SQLite itself says FULL here, as it does for ENOSPC."""
    first = make_document()
    catalog.documents.commit(first, make_blocks(first), make_chunks(first))
    with catalog._database.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    second = make_document(revision=2)
    with pytest.raises(StorageFull, match="database or disk is full"):
        catalog.documents.commit(
            second, make_blocks(second, count=500), make_chunks(second, count=500)
        )
    everyone = AccessFilter(tenant="acme", groups=("everyone",))
    assert catalog.documents.get(first.id, everyone) == first
    assert len(catalog.documents.page_blocks(first.id, everyone, page=None)) == 3


def test_the_error_of_sqlite_is_the_cause(catalog: Catalog) -> None:
    with catalog._database.read() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
    document = make_document()
    with pytest.raises(StorageFull) as caught:
        catalog.documents.commit(document, make_blocks(document, count=500), make_chunks(document))
    assert isinstance(caught.value.__cause__.orig, sqlite3.OperationalError)  # type: ignore[union-attr]


def test_a_file_that_cannot_be_written_for_another_reason_says_so(tmp_path: Path) -> None:
    (tmp_path / "acme").write_bytes(b"a file in place of the tenant's folder")
    with pytest.raises(NotADirectoryError):
        FileStore(tmp_path).put("acme", b"data")
