"""`zhiku duplicates` as a process, and the note of `zhiku ingest`."""

from pathlib import Path
from uuid import uuid4

import pytest

from app.api.schemas import DuplicateOut
from app.cli.routes import LocalRoute
from ingest.records import IngestStatus, Outcome
from stores.catalog import Catalog
from stores.records import NOTHING_GIVEN, Document
from tests.app.cli_process import only_error_line, zhiku
from tests.stores.builders import make_blocks, make_chunks, make_document


@pytest.fixture
def documents(tmp_path: Path) -> list[Document]:
    """Return two documents of the same bytes, in the catalog of the folder."""
    catalog = Catalog(f"sqlite:///{tmp_path / 'catalog.sqlite'}")
    made = [make_document(f"file:///{name}.md", tenant="default") for name in ("one", "two")]
    for document in made:
        catalog.documents.commit(document, make_blocks(document), make_chunks(document))
    catalog.close()
    return made


def test_nothing_alike_is_said_so(tmp_path: Path) -> None:
    listed = zhiku("duplicates", data_dir=tmp_path)
    assert listed.returncode == 0
    assert "no two documents" in listed.stdout


def test_documents_are_listed_and_kept(tmp_path: Path, documents: list[Document]) -> None:
    listed = zhiku("duplicates", data_dir=tmp_path)
    assert "same file" in listed.stdout
    for document in documents:
        assert str(document.id) in listed.stdout
    kept = zhiku("duplicates", "keep", *(str(each.id) for each in documents), data_dir=tmp_path)
    assert kept.returncode == 0
    assert "2 documents are kept" in kept.stderr
    assert "no two documents" in zhiku("duplicates", data_dir=tmp_path).stdout


@pytest.mark.parametrize("command", ["keep", "drop"])
def test_an_unknown_document_is_one_line(
    tmp_path: Path, documents: list[Document], command: str
) -> None:
    unknown = str(uuid4())
    refused = zhiku("duplicates", command, str(documents[0].id), unknown, data_dir=tmp_path)
    assert refused.returncode == 2
    assert unknown in only_error_line(refused)


class _Pipeline:
    """Brings every file in."""

    def __init__(self, status: IngestStatus, reason: str | None) -> None:
        self._outcome = Outcome("file:///a.txt", status, uuid4(), 1, reason)

    def run(self, *_sources: object, **_options: object) -> list[Outcome]:
        return [self._outcome]


def alike(name: str, similarity: float, *, exact: bool = False, kept: bool = False) -> DuplicateOut:
    return DuplicateOut(
        id=uuid4(), uri=name, title=name, similarity=similarity, exact=exact, kept=kept
    )


def reason(
    *others: DuplicateOut, status: IngestStatus = IngestStatus.ADDED, said: str | None = None
) -> str | None:
    route = LocalRoute(
        _Pipeline(status, said),  # type: ignore[arg-type]
        None,  # type: ignore[arg-type]
        tenant="default",
        groups=["everyone"],
        max_bytes=1,
        duplicates_of=lambda _id: others,
        show=lambda _progress: None,
    )
    (outcome,) = route.ingest([], NOTHING_GIVEN)
    assert outcome.is_in
    return outcome.reason


def test_an_outcome_says_what_a_document_is_almost_the_same_as() -> None:
    assert reason() is None
    assert reason(alike("b.txt", 0.979)) == (
        "almost the same as b.txt (97 %) (see `zhiku duplicates`)"
    )
    many = [alike("b", 1, exact=True), *(alike(name, 0.95) for name in "cdef")]
    noted = reason(*many, said="hidden text")
    assert noted is not None
    assert noted.startswith("hidden text; the same file as b, almost the same as c (95 %), ")
    assert "2 more" in noted


def test_what_is_kept_or_was_there_already_is_not_noted() -> None:
    assert reason(alike("b", 0.95, kept=True)) is None
    assert reason(alike("b", 0.95), status=IngestStatus.UNCHANGED) is None
