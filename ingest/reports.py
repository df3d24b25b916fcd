"""What a run of the pipeline tells its caller: progress, and failures in one line."""

from collections.abc import Callable, Iterable, Sequence, Sized

from ingest.records import IngestProgress, IngestStage, IngestStatus, Outcome
from stores.records import Document, HiddenText

_MAX_REASON = 500

ProgressCallback = Callable[[IngestProgress], None]


class ProgressReport:
    """Counts, and tells the caller."""

    def __init__(self, callback: ProgressCallback, sources: Iterable[object]) -> None:
        self._callback = callback
        self._total = len(sources) if isinstance(sources, Sized) else None
        self._documents = 0
        self._chunks_done = 0
        self._chunks_total = 0

    def report(self, stage: IngestStage, uri: str, *, pages: tuple[int, int] = (0, 0)) -> None:
        """Tell that a document has come to a stage, or how many of its pages are recognised."""
        self._callback(
            IngestProgress(
                stage=stage,
                uri=uri,
                documents_done=self._documents,
                documents_total=self._total,
                chunks_done=self._chunks_done,
                chunks_total=self._chunks_total,
                pages_done=pages[0],
                pages_total=pages[1],
            )
        )

    def of_pages(self, uri: str) -> Callable[[int, int], None]:
        """Return what tells how many of a document's scanned pages are recognised."""
        return lambda done, total: self.report(IngestStage.PARSING, uri, pages=(done, total))

    def embedding(self, uri: str, *, chunks: int) -> None:
        """Tell that so many chunks are to have their vectors next."""
        self._chunks_total += chunks
        self.report(IngestStage.EMBEDDING, uri)

    def embedded(self, uri: str, *, chunks: int) -> None:
        """Tell that so many chunks more have their vectors."""
        self._chunks_done += chunks
        self.report(IngestStage.EMBEDDING, uri)

    def done(self, outcome: Outcome) -> Outcome:
        """Count a document that has its outcome, and return that."""
        self._documents += 1
        return outcome


def failed(uri: str, current: Document | None, reason: str, *, retryable: bool = False) -> Outcome:
    """Return a failure; a revision that was there before stays."""
    known = None if current is None else current.id
    return Outcome(uri, IngestStatus.FAILED, known, 0, _line(reason), retryable=retryable)


def quarantined(uri: str, current: Document | None, reason: str) -> Outcome:
    """Return the end of a file that was set aside; a revision that was there before stays."""
    known = None if current is None else current.id
    return Outcome(uri, IngestStatus.QUARANTINED, known, 0, _line(reason))


def noted(hidden: Sequence[HiddenText], unread: Sequence[str], left: str | None) -> str | None:
    """Return what someone should know of a document that is in.

    That is hidden text, what could not be read, and what is left to do.
    """
    counted = ", ".join(f"{each.characters} {each.kind.value.replace('_', ' ')}" for each in hidden)
    warning = f"hidden text was left out, characters: {counted}" if hidden else None
    missing = f"not read: {'; '.join(unread)}" if unread else None
    return _line("; ".join(each for each in (warning, missing, left) if each)) or None


def _line(reason: str) -> str:
    return " ".join(reason.split())[:_MAX_REASON]
