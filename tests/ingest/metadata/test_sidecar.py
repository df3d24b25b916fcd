from datetime import date
from pathlib import Path

import pytest

from ingest.errors import UnreadableFile
from ingest.metadata.sidecar import MAX_BYTES, parse_sidecar, read_sidecar
from stores.records import DocType, Given

_ALL = """
series = "travel rules"
effective_from = 2025-01-01
effective_to = 2025-12-31
published = 2024-12-16
type = "policy"
tags = ["Finance ", "差旅", "finance"]
"""


def test_every_key_is_read() -> None:
    assert parse_sidecar(_ALL, name="a") == Given(
        series="travel rules",
        effective_from=date(2025, 1, 1),
        effective_to=date(2025, 12, 31),
        published=date(2024, 12, 16),
        doc_type=DocType.POLICY,
        tags=("finance", "差旅"),
    )


def test_an_empty_one_says_nothing() -> None:
    assert parse_sidecar("", name="a") == Given()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("title = 'x'", "unknown key 'title'; known are series"),
        ("tags = 'finance'", "tags: write a list"),
        ("tags = [1]", "tags: write a list"),
        ("tags = ['a,b']", "tags: 'a,b' cannot be a tag"),
        (f"tags = {[str(n) for n in range(51)]}", "has 51 tags"),
        ("type = 'novel'", "type: write one of policy"),
        ("published = '2025-01-01'", "published: write a day as 2025-01-31"),
        ("published = 2025-01-01T08:00:00", "published: write a day"),
        ("series = ''", "series: write a name"),
        (f"series = '{'x' * 201}'", "series has 201 characters"),
        ("effective_from = 2025-02-01\neffective_to = 2025-01-01", "is before effective_from"),
        ("not toml", "a.meta.toml: "),
    ],
)
def test_what_cannot_be_is_refused_with_the_place(text: str, problem: str) -> None:
    with pytest.raises(UnreadableFile, match="correct it and run again") as caught:
        parse_sidecar(text, name="a.meta.toml")
    assert problem in str(caught.value)


def test_the_file_beside_a_document_is_read(tmp_path: Path) -> None:
    assert read_sidecar(tmp_path / "a.pdf") == ""
    (tmp_path / "a.pdf.meta.toml").write_bytes(b"\xef\xbb\xbftype = 'faq'")
    assert read_sidecar(tmp_path / "a.pdf") == "type = 'faq'"


@pytest.mark.parametrize(
    ("data", "problem"), [(b"\xff\xfe", "not in UTF-8"), (b"#" * (MAX_BYTES + 1), "more than")]
)
def test_a_file_that_cannot_be_one_is_refused(tmp_path: Path, data: bytes, problem: str) -> None:
    (tmp_path / "a.pdf.meta.toml").write_bytes(data)
    with pytest.raises(UnreadableFile, match=problem):
        read_sidecar(tmp_path / "a.pdf")
