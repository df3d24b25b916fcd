import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stores.files import FileStore

DATA = "年假五天".encode()
SHA256 = hashlib.sha256(DATA).hexdigest()


def test_a_file_is_kept_under_its_hash(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files")
    assert store.put("acme", DATA) == SHA256
    assert store.path("acme", SHA256) == tmp_path / "files" / "acme" / SHA256[:2] / SHA256
    assert store.path("acme", SHA256).read_bytes() == DATA


def test_putting_at_once_leaves_one_whole_file(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    with ThreadPoolExecutor(max_workers=8) as pool:
        names = set(pool.map(lambda _: store.put("acme", DATA * 1000), range(32)))
    (name,) = names
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == [name]
    assert store.path("acme", name).read_bytes() == DATA * 1000


def test_each_tenant_has_its_own_copy(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.put("acme", DATA)
    store.put("other", DATA)
    store.delete("acme", SHA256)
    store.delete("acme", SHA256)
    assert not store.path("acme", SHA256).exists()
    assert store.path("other", SHA256).read_bytes() == DATA


@pytest.mark.parametrize("sha256", ["", "../../etc/passwd", SHA256.upper(), SHA256 + "0"])
def test_only_a_hash_names_a_file(tmp_path: Path, sha256: str) -> None:
    with pytest.raises(ValueError, match="is no SHA-256"):
        FileStore(tmp_path).path("acme", sha256)


def test_a_tenant_cannot_leave_its_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot name a tenant"):
        FileStore(tmp_path).put("../acme", DATA)
    assert list(tmp_path.iterdir()) == []


def test_what_is_stored_is_listed_with_what_a_crash_left(tmp_path: Path) -> None:
    files = FileStore(tmp_path / "files")
    assert list(files.stored()) == []
    own, other = files.put("acme", b"a"), files.put("globex", b"b")
    half = files.path("acme", own).with_name(".half.part")
    half.write_bytes(b"a")
    found = {(each.tenant, each.name): each for each in files.stored()}
    assert found.keys() == {("acme", own), ("acme", ".half.part"), ("globex", other)}
    assert found["acme", own].path == files.path("acme", own)
    assert found["acme", own].modified == files.path("acme", own).stat().st_mtime


def test_what_a_crash_left_half_written_goes(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    for tenant in ("acme", "other"):
        store.put(tenant, DATA)
        store.path(tenant, SHA256).with_name(".abc.part").write_bytes(DATA)
    store.discard_parts("acme")
    store.discard_parts("nobody")
    assert [file.parts[-3] for file in tmp_path.rglob(".*.part")] == ["other"]
    assert store.path("acme", SHA256).exists()


def test_all_but_some_are_deleted(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    for tenant in ("acme", "other"):
        store.put(tenant, DATA)
        store.put(tenant, b"more")
    store.path("acme", SHA256).with_name(".abc.part").write_bytes(DATA)
    store.keep_only({("acme", SHA256)})
    left = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert left == [store.path("acme", SHA256)]
    FileStore(tmp_path / "nowhere").keep_only(set())
