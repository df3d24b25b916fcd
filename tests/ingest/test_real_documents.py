"""All formats on documents that other people made; they lie beside the repository."""

from collections import Counter
from pathlib import Path

import pytest

from ingest.chunk import chunk_blocks
from ingest.errors import IngestError
from ingest.parse import parse
from ingest.records import ParsedDocument, Source
from ingest.sources import discover
from models.encoder import TokenCounter
from stores.records import document_id
from tests.fakes.encoder import FakeEncoder

_DOCUMENTS = Path(__file__).resolve().parents[3] / "shared" / "docs"
_LEAST_PARSED = 0.9
_WINDOW = 490
_MAX_BYTES = 2_000_000
"""Larger ones take seconds each and have nothing that the others do not have."""


def _files(folder: str) -> list[Path]:
    if not (_DOCUMENTS / folder).is_dir():
        pytest.skip(f"no sample documents at {_DOCUMENTS / folder}")
    found = discover([_DOCUMENTS / folder])
    return [path for path in found if path.stat().st_size <= _MAX_BYTES]


def _parse(path: Path) -> ParsedDocument | IngestError:
    source = Source(uri=path.as_uri(), filename=path.name, data=path.read_bytes())
    try:
        return parse(source)
    except IngestError as error:
        return error


def _check_chunks(document: ParsedDocument, count: TokenCounter) -> int:
    chunks = chunk_blocks(
        document.title,
        document.blocks,
        document_id=document_id("t", document.title),
        revision=1,
        count_tokens=count,
        target_tokens=200,
        max_tokens=_WINDOW,
    )
    assert all(0 < chunk.tokens <= _WINDOW or not count(chunk.text) for chunk in chunks)
    return len(chunks)


@pytest.mark.parametrize(
    "folder", ["csv", "docx", "eml", "epub", "html", "pdf", "pptx", "txt_md", "xlsx"]
)
def test_real_documents_are_parsed_and_cut(folder: str) -> None:
    count = FakeEncoder().count_tokens
    outcomes: Counter[bool] = Counter()
    for path in _files(folder):
        document = _parse(path)
        outcomes[isinstance(document, ParsedDocument)] += 1
        if isinstance(document, ParsedDocument):
            assert document.title
            assert _check_chunks(document, count) > 0
        else:
            assert path.name in str(document)
    assert outcomes[True] >= _LEAST_PARSED * outcomes.total() - 1


@pytest.mark.parametrize("folder", ["pdf_scanned", "doc_legacy", "hostile_office", "hostile_pdf"])
def test_bad_documents_fail_with_a_reason_or_are_parsed(folder: str) -> None:
    for path in _files(folder):
        outcome = _parse(path)
        assert isinstance(outcome, ParsedDocument) or path.name in str(outcome)
