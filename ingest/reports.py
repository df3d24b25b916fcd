"""What a run of the pipeline tells its caller: progress, and failures in one line."""

from collections.abc import Callable, Iterable, Sequence, Sized

from ingest.records import IngestProgress, IngestStatus, Outcome
from stores.records import Document, HiddenText

_MAX_REASON = 500

ProgressCallback = Callable[[IngestProgress], None]


class ProgressReport:
    """Counts, and tells the caller."""

    def __init__(self, callback: ProgressCallback, sources: Iterable[object]) -> None:
        self._callback = callback
        self._total = len(sources) if isinstance(sources, Sized) else None
        self._documents = 0
        self._chunks = 0

    def report(self, stage: str, uri: str) -> None:
        """Tell that a document has come to a stage."""
        self._callback(IngestProgress(stage, uri, self._documents, self._total, self._chunks))

    def of_pages(self, uri: str) -> Callable[[int, int], None]:
        """Return what tells how many of a document's scanned pages are read."""
        return lambda done, total: self.report(f"page {done}/{total}", uri)

    def encoded(self, chunks: int) -> None:
        """Count chunks that were encoded."""
        self._chunks += chunks

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
