import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, make_url

from stores import schema
from stores.access import AccessFilter
from stores.catalog import Catalog
from stores.errors import CatalogUnavailable
from stores.records import DocType
from tests.stores.builders import make_blocks, make_chunks, make_document

_OPEN_AND_COMMIT = """
import sys
from stores.catalog import Catalog
from tests.stores.builders import make_blocks, make_chunks, make_document
catalog = Catalog(sys.argv[1])
for number in range(20):
    document = make_document(f"file:///{sys.argv[2]}/{number}")
    catalog.documents.commit(document, make_blocks(document), make_chunks(document))
catalog.close()
"""
EVERYONE = AccessFilter(tenant="acme", groups=("everyone",))


def _path(url: str) -> Path:
    return Path(make_url(url).database or "")


def test_migrations_make_exactly_the_schema(catalog: Catalog, catalog_url: str) -> None:
    catalog.check()
    engine = create_engine(catalog_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, schema.metadata)
    engine.dispose()
    assert differences == []


def _make_first_version(url: str) -> None:
    """Make a catalog as its first version did, with one document."""
    path = _path(url)
    path.parent.mkdir()
    engine = create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    document = make_document()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                document.id.hex,
                document.tenant,
                document.uri,
                document.revision,
                document.title,
                document.media_type,
                document.lang,
                document.sha256,
                document.size_bytes,
                document.updated_at.replace(tzinfo=None).isoformat(sep=" "),
            ),
        )
        connection.exec_driver_sql(
            "INSERT INTO document_groups VALUES (?, 'everyone')", (document.id.hex,)
        )
    engine.dispose()


def test_documents_of_the_first_version_get_the_defaults(catalog_url: str) -> None:
    _make_first_version(catalog_url)
    migrated = Catalog(catalog_url)
    try:
        document = migrated.documents.get(make_document().id, EVERYONE)
    finally:
        migrated.close()
    assert document == make_document()
    assert (document.series, document.doc_type, document.tags) == ("", DocType.OTHER, ())
    assert (document.published, document.effective_from, document.effective_to) == (None,) * 3


def test_opening_again_keeps_what_is_there(catalog: Catalog, catalog_url: str) -> None:
    document = make_document()
    catalog.documents.commit(document, make_blocks(document), make_chunks(document))
    again = Catalog(catalog_url)
    try:
        assert again.documents.get(document.id, EVERYONE) == document
    finally:
        again.close()


def test_connections_are_durable_and_wipe_what_is_deleted(
    catalog: Catalog, catalog_url: str
) -> None:
    with catalog._database.read() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
    }


def test_processes_may_make_and_fill_it_at_once(catalog_url: str) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _OPEN_AND_COMMIT, catalog_url, name],
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("a", "b", "c")
    ]
    complaints = [writer.communicate()[1] for writer in writers]
    assert complaints == ["", "", ""]
    catalog = Catalog(catalog_url)
    try:
        assert len(catalog.documents.tenant_documents("acme")) == 60
    finally:
        catalog.close()


def test_threads_may_read_and_write_at_once(catalog: Catalog) -> None:
    def replace_and_read(number: int) -> int:
        document = make_document(f"file:///{number % 5}/{number}")
        chunks = make_chunks(document)
        catalog.documents.commit(document, make_blocks(document), chunks)
        return len(catalog.documents.visible_chunks([chunk.id for chunk in chunks], EVERYONE))

    with ThreadPoolExecutor(max_workers=24) as pool:
        assert set(pool.map(replace_and_read, range(100))) == {3}


def test_a_reader_sees_one_state_throughout(catalog: Catalog) -> None:
    first = make_document()
    catalog.documents.commit(first, make_blocks(first), make_chunks(first))
    with catalog._database.read() as connection:
        before = connection.exec_driver_sql("SELECT revision FROM documents").scalar()
        second = make_document(revision=2)
        catalog.documents.commit(second, make_blocks(second), make_chunks(second))
        after = connection.exec_driver_sql("SELECT revision FROM documents").scalar()
    assert (before, after) == (1, 1)


def test_a_file_that_is_no_catalog_is_named(catalog_url: str) -> None:
    path = _path(catalog_url)
    path.parent.mkdir()
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(CatalogUnavailable, match=f"{path} is damaged or no catalog"):
        Catalog(catalog_url)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CatalogUnavailable, match=r"cannot be made .* choose another"):
        Catalog(f"sqlite:///{tmp_path}/file/catalog.db")


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogUnavailable, match=f"the catalog {tmp_path} does not answer"):
        Catalog(f"sqlite:///{tmp_path}")


def test_a_newer_catalog_is_refused(catalog: Catalog, catalog_url: str) -> None:
    catalog.close()
    connection = sqlite3.connect(_path(catalog_url))
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(CatalogUnavailable, match="update Zhiku, a newer version made it"):
        Catalog(catalog_url)


def test_check_tells_that_the_database_is_gone(catalog: Catalog, catalog_url: str) -> None:
    catalog.close()
    _path(catalog_url).write_bytes(b"overwritten" * 1000)
    with pytest.raises(CatalogUnavailable, match="restore it from a backup"):
        catalog.check()
