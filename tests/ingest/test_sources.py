import os
from pathlib import Path

import pytest

from ingest.errors import FileTooLarge, UnreadableFile
from ingest.records import FailedSource, Source
from ingest.sources import discover, file_uri, read_source, read_sources


def _write(path: Path, text: str = "text") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path.resolve()


def test_files_below_folders_are_found_sorted_without_hidden_and_temporary(tmp_path: Path) -> None:
    kept = [_write(tmp_path / "a" / "手册.txt"), _write(tmp_path / "b.md")]
    for name in (".hidden", "~$b.docx", "c.tmp", "d.part", "e~", "Thumbs.db", ".git/config"):
        _write(tmp_path / name)
    assert discover([tmp_path]) == sorted(kept)


def test_a_named_file_is_taken_once_even_if_hidden(tmp_path: Path) -> None:
    hidden = _write(tmp_path / ".notes.md")
    other = _write(tmp_path / "x.md")
    assert discover([hidden, tmp_path, hidden]) == sorted([hidden, other])


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    secret = _write(tmp_path / "outside" / "secret.txt")
    inside = _write(tmp_path / "docs" / "a.txt")
    (tmp_path / "docs" / "file_link.txt").symlink_to(secret)
    (tmp_path / "docs" / "folder_link").symlink_to(secret.parent)
    (tmp_path / "docs" / "own_link.txt").symlink_to(inside)
    (tmp_path / "docs" / "dangling.txt").symlink_to(tmp_path / "nothing")
    assert discover([tmp_path / "docs"]) == [inside]


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="nowhere: no such file"):
        discover([tmp_path / "nowhere"])


def test_a_file_is_read_with_its_uri(tmp_path: Path) -> None:
    path = _write(tmp_path / "年假 2024.txt", "内容")
    read = read_source(path, max_bytes=100)
    assert read == Source(uri=path.as_uri(), filename="年假 2024.txt", data="内容".encode())
    assert read.uri == file_uri(tmp_path / "." / "年假 2024.txt")


def test_a_large_file_is_refused_with_both_sizes(tmp_path: Path) -> None:
    path = _write(tmp_path / "big.txt", "x" * 2_000_001)
    with pytest.raises(FileTooLarge, match=r"big.txt: has 2.0 MB, more than the 1.0 MB"):
        read_source(path, max_bytes=1_000_000)


def test_unreadable_files_become_failed_sources(tmp_path: Path) -> None:
    good = _write(tmp_path / "good.txt")
    read = list(read_sources([tmp_path / "gone.txt", good], max_bytes=100))
    assert isinstance(read[0], FailedSource)
    assert "gone.txt: cannot be read" in read[0].reason
    assert isinstance(read[1], Source)


class _Growing(type(Path())):  # type: ignore[misc]
    """A path whose file has grown each time it is looked at."""

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        with self.open("ab") as file:
            file.write(b"x")
        return Path(str(self)).stat(follow_symlinks=follow_symlinks)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = _Growing(_write(tmp_path / "log.txt"))
    with pytest.raises(UnreadableFile, match="still being written"):
        read_source(path, max_bytes=100)
