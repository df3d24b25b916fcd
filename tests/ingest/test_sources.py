import os
from pathlib import Path

import pytest

from ingest.errors import FileTooLarge, UnreadableFile
from ingest.records import FailedSource, Source
from ingest.sources import discover, file_uri, read_source, read_sources
from stores.records import Given


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


def test_sidecars_are_no_documents_and_stand_for_what_they_describe(tmp_path: Path) -> None:
    kept = _write(tmp_path / "a.txt")
    sidecar = _write(tmp_path / "a.txt.meta.toml", "type = 'faq'")
    assert discover([tmp_path]) == [kept]
    assert discover([sidecar, kept]) == [kept]
    with pytest.raises(UnreadableFile, match=r"b\.txt: no such file"):
        discover([_write(tmp_path / "b.txt.meta.toml")])


def test_a_file_is_read_with_its_sidecar_and_what_is_said(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.txt")
    _write(tmp_path / "a.txt.meta.toml", "type = 'faq'")
    said = Given(tags=("a",))
    (read,) = read_sources([path], max_bytes=100, given=said)
    assert isinstance(read, Source)
    assert (read.sidecar, read.given) == ("type = 'faq'", said)


def test_a_sidecar_that_cannot_be_read_fails_its_document_alone(tmp_path: Path) -> None:
    bad, good = _write(tmp_path / "bad.txt"), _write(tmp_path / "good.txt")
    (tmp_path / "bad.txt.meta.toml").write_bytes(b"\xff\xfe")
    failed, read = read_sources([bad, good], max_bytes=100)
    assert isinstance(failed, FailedSource)
    assert "bad.txt.meta.toml: is not in UTF-8" in failed.reason
    assert isinstance(read, Source)


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
