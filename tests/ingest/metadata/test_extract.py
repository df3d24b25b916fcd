from datetime import date
from typing import Any

import docx
import pytest

from ingest.errors import UnreadableFile
from ingest.metadata import extract
from ingest.parse import parse
from ingest.records import FileProperties, Metadata, ParsedDocument, Source
from stores.records import Block, BlockKind, DocType, Given
from tests.ingest.builders import source

_TODAY = date(2025, 9, 1)
_RULES = "# Travel policy\n\nDocument 7, in force from 1 April 2025. Published on 3 March 2025.\n"


def _described(item: Source) -> Metadata:
    return extract(parse(item), item, today=_TODAY)


def _of(title: str, text: str = "Text.", *, name: str = "file.docx", **properties: Any) -> Metadata:
    document = ParsedDocument(
        title, "text/plain", (Block(BlockKind.TEXT, text),), FileProperties(**properties)
    )
    return extract(document, source(name, ""), today=_TODAY)


def test_a_document_is_described_by_its_text() -> None:
    assert _described(source("travel.md", _RULES)) == Metadata(
        series="travel policy",
        effective_from=date(2025, 4, 1),
        effective_to=None,
        published=date(2025, 3, 3),
        doc_type=DocType.POLICY,
        tags=(),
    )


def test_front_matter_comes_before_the_text() -> None:
    front = (
        "---\ntags: [Finance, 差旅]\neffective_date: 2025-05-01\ntype: manual\n"
        "date: 2025-04-02\n---\n"
    )
    found = _described(source("travel.md", front + _RULES))
    assert (found.effective_from, found.published) == (date(2025, 5, 1), date(2025, 4, 2))
    assert (found.doc_type, found.tags) == (DocType.MANUAL, ("finance", "差旅"))


@pytest.mark.parametrize(
    "front", ["tags: [unclosed", "just text", "date: 2025-02-30", "type: novel\ndate: soon"]
)
def test_front_matter_of_other_programs_is_no_error(front: str) -> None:
    found = _described(source("travel.md", f"---\n{front}\n---\n{_RULES}"))
    assert found.published == date(2025, 3, 3)
    assert found.doc_type is DocType.POLICY


def test_meta_tags_of_a_page_are_read() -> None:
    page = (
        "<html><head><title>Security</title><meta name='keywords' content='IT; Passwords'>"
        "<meta property='article:published_time' content='2025-06-02T08:00:00+08:00'></head>"
        "<body><p>Text</p></body></html>"
    )
    found = _described(source("a.html", page))
    assert (found.tags, found.published) == (("it", "passwords"), date(2025, 6, 2))


def test_a_mail_has_the_day_it_was_sent_and_nothing_of_its_text() -> None:
    mail = (
        "From: a@x.example\nDate: Tue, 05 Aug 2025 23:30:00 +0800\nSubject: Re: Travel policy\n\n"
        "This policy is in force from 1 April 2025.\n"
    )
    found = _described(source("a.eml", mail))
    assert (found.doc_type, found.published) == (DocType.MAIL, date(2025, 8, 5))
    assert (found.effective_from, found.series) == (None, "")


def test_office_properties_are_read(tmp_path: Any) -> None:
    document = docx.Document()
    document.add_paragraph("Text")
    document.core_properties.keywords = "Audit, 内审"
    document.core_properties.modified = document.core_properties.created.replace(
        year=2025, month=5, day=6
    )
    document.save(tmp_path / "a.docx")
    found = _described(source("a.docx", (tmp_path / "a.docx").read_bytes()))
    assert (found.tags, found.published) == (("audit", "内审"), date(2025, 5, 6))


@pytest.mark.parametrize(
    "written", [date(2013, 12, 23), date(2000, 1, 1), date(1980, 1, 1), date(2025, 9, 2), None]
)
def test_the_default_of_a_program_is_no_day_of_a_document(written: date | None) -> None:
    assert _of("Notes", written=written).published is None


def test_a_file_written_at_another_time_does_not_date_its_document() -> None:
    written = date(2025, 7, 31)
    assert _of("Notes", written=written).published == written
    assert _of("Travel policy 2020", written=written).published is None
    assert _of("Rules", "In force from 1 June 2020.", written=written).published is None
    assert _of("Rules", "Valid until 30 June 2025.", written=written).published is None


def test_a_day_in_the_future_is_none_of_a_document() -> None:
    assert _of("Notes", "Published on 2 September 2025.").published is None


def test_what_is_said_comes_first_and_tags_are_joined() -> None:
    item = Source(
        uri="file:///travel.md",
        filename="travel.md",
        data=("---\ntags: travel\n---\n" + _RULES).encode(),
        given=Given(doc_type=DocType.MANUAL, tags=("a",)),
        sidecar='type = "faq"\nseries = "T-1"\ntags = ["b"]\npublished = 2025-01-02\n',
    )
    found = _described(item)
    assert (found.doc_type, found.series) == (DocType.MANUAL, "T-1")
    assert (found.tags, found.published) == (("a", "b", "travel"), date(2025, 1, 2))
    assert found.effective_from == date(2025, 4, 1)


def test_what_is_said_holds_against_a_text_that_contradicts_it() -> None:
    item = source("travel.md", _RULES)
    said = Source(item.uri, item.filename, item.data, given=Given(effective_to=date(2024, 1, 1)))
    found = _described(said)
    assert (found.effective_from, found.effective_to) == (None, date(2024, 1, 1))


def test_a_wrong_sidecar_fails_the_document() -> None:
    item = source("travel.md", _RULES)
    wrong = Source(item.uri, item.filename, item.data, sidecar="colour = 1")
    with pytest.raises(UnreadableFile, match=r"travel\.md\.meta\.toml: unknown key 'colour'"):
        _described(wrong)


@pytest.mark.parametrize(
    "piece", ["经", "本", "自", "is ", "2025年1月1日", "(", "生效日期:", "《a"]
)
def test_hostile_repetitions_take_no_time(piece: str) -> None:
    _of(piece * 50, piece * 20_000 + "2025年1月1日起施行")
