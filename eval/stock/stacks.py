"""What is compared: the protocol, and Zhiku as it is served."""

from collections.abc import Iterable
from typing import Protocol

from app.settings import Settings
from app.wiring import SearchSystem, open_ingest, open_search
from eval.collection import TENANT, document_name
from eval.errors import EvalError
from eval.stock.corpus import Entry
from ingest.records import IngestProgress
from models.encoder import CountingEncoder
from models.language import detect_language
from retrieval.records import Query
from stores.access import EVERYONE, Principal, Scope

_ASKER = Principal(TENANT, "stock", frozenset({EVERYONE}), frozenset({Scope.READ}))


class Stack(Protocol):
    """A way of searching documents, from an empty store on."""

    def build(self, entries: Iterable[Entry]) -> int:
        """Take the documents in, ready for searching; return how many chunks are held."""

    def search(self, text: str) -> list[str]:
        """Return the names of the documents found, best first, each once."""

    def close(self) -> None:
        """Let go of the stores."""


class ZhikuStack:
    """Zhiku through its own pipeline and wiring; parsing, cutting and originals are part of it.

    Parameters
    ----------
    settings
        With an empty `data_dir`.
    encoder
        The plain encoder of the settings.
    """

    def __init__(self, settings: Settings, encoder: CountingEncoder) -> None:
        self._settings = settings
        self._encoder = encoder
        self._system: SearchSystem | None = None

    def build(self, entries: Iterable[Entry]) -> int:
        """Ingest, let the index be tidied as at the end of every ingest, and open the search."""
        system = open_ingest(self._settings, plain_encoder=self._encoder)
        try:
            chunks = 0
            sources = (entry.source for entry in entries)
            for outcome in system.pipeline.run(
                sources, tenant=TENANT, groups=[EVERYONE], on_progress=_ignore
            ):
                if not outcome.is_in:
                    raise EvalError(f"{document_name(outcome.uri)}: {outcome.reason}")
                chunks += outcome.chunks
        finally:
            system.close()
        self._system = open_search(self._settings, plain_encoder=self._encoder)
        return chunks

    def search(self, text: str) -> list[str]:
        """Search as a member of everyone."""
        if self._system is None:
            raise EvalError("nothing was built yet")
        limit = 2 * self._settings.retrieval.candidates
        query = Query(text, detect_language(text), _ASKER)
        found = self._system.retriever.search(query, limit=limit)
        return list(dict.fromkeys(document_name(each.uri) for each in found))

    def close(self) -> None:
        """Close the search."""
        if self._system is not None:
            self._system.close()


def _ignore(report: IngestProgress) -> None:
    """Take no notice; printing would be measured, too."""
