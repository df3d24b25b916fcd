import os
from pathlib import Path

import pytest

from stores import raw_search
from stores.errors import SearchIncomplete
from stores.raw_search import search_files

NEEDLES = [b"the severance of Zhang", "离职补偿金".encode(), b"\x00\x01\xfe\xff\x10\x11"]


def test_every_file_is_read_wherever_it_lies(tmp_path: Path) -> None:
    deep = tmp_path / "a" / ".hidden"
    deep.mkdir(parents=True)
    (deep / "one.bin").write_bytes(b"x" + NEEDLES[0] + NEEDLES[2] + b"y")
    (tmp_path / ".two").write_bytes(NEEDLES[1] + NEEDLES[1])
    (tmp_path / "clean").write_bytes(b"nothing of the sort")
    (tmp_path / "empty").touch()

    search = search_files(tmp_path, NEEDLES, left_out=())

    assert search.found == {
        deep / "one.bin": {NEEDLES[0], NEEDLES[2]},
        tmp_path / ".two": {NEEDLES[1]},
    }
    assert search.files == 4
    assert search.size_bytes == sum(f.stat().st_size for f in tmp_path.rglob("*") if f.is_file())


@pytest.mark.parametrize("before", [-22, -21, -11, -1, 0])
def test_a_needle_across_two_pieces_of_a_file_is_found(tmp_path: Path, before: int) -> None:
    filler = b"\0" * (raw_search._CHUNK_BYTES + before)
    (tmp_path / "large").write_bytes(filler + NEEDLES[0] + bytes(3_000_000))
    search = search_files(tmp_path, NEEDLES, left_out=())
    assert search.found == {tmp_path / "large": {NEEDLES[0]}}


def test_needles_within_needles_are_all_found(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abcdef")
    search = search_files(tmp_path, [b"abcdef", b"bcd", b"def"], left_out=())
    assert search.found == {tmp_path / "file": {b"abcdef", b"bcd", b"def"}}


def test_what_is_to_be_left_out_is_not_read(tmp_path: Path) -> None:
    for name in ("kept", "left"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_bytes(NEEDLES[0])
    (tmp_path / "kept" / "link").symlink_to(tmp_path / "left")
    search = search_files(tmp_path, NEEDLES, left_out=[tmp_path / "left"])
    assert (list(search.found), search.files) == ([tmp_path / "kept" / "file"], 1)


def test_nothing_to_look_for_and_nowhere_to_look(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"text")
    assert search_files(tmp_path, [], left_out=()).found == {}
    assert search_files(tmp_path / "nowhere", NEEDLES, left_out=()).files == 0


def test_a_file_that_cannot_be_read_is_no_proof() -> None:
    # A file that fails for root, too: the first page of a process's memory.
    process = Path("/proc") / str(os.getpid())
    others = [path for path in process.iterdir() if path.name != "mem"]
    with pytest.raises(SearchIncomplete, match=r"mem cannot be read .* correct its permissions"):
        search_files(process, NEEDLES, left_out=others)
