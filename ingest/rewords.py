"""Bringing the terms in the index up to the company's words, without encoding anything again."""

from dataclasses import dataclass
from uuid import UUID

from ingest.lexicon import LexiconReader
from ingest.points import point_of_terms
from stores.index import IndexStore
from stores.indexed_words import IndexedWords


@dataclass(frozen=True, slots=True)
class Reworded:
    """What a step did.

    Attributes
    ----------
    documents
        Whose terms are up to date now.
    missing
        Documents that the index has no points of: they have to be ingested again.
    last
        The last document that was looked at, to go on from; None if there are no more.
    """

    documents: int
    missing: int
    last: UUID | None


class Rewording:
    """Makes the terms of documents anew that were indexed with other words.

    A document is marked only once its terms are on disk, so a step that breaks off is done again.
    Until then it is found as before: words add terms and change none.
    """

    def __init__(
        self, *, indexed: IndexedWords, indexes: IndexStore, lexicon: LexiconReader
    ) -> None:
        self._indexed = indexed
        self._indexes = indexes
        self._lexicon = lexicon

    def step(self, tenant: str, *, after: UUID | None, limit: int) -> Reworded:
        """Take on at most `limit` documents whose ids come after `after`.

        Raises
        ------
        StoreError
            A store is away or full; what was marked stays so.
        """
        words = self._lexicon.of(tenant).words
        listed = self._indexed.behind(tenant, words.fingerprint, after=after, limit=limit)
        index = self._indexes.open(tenant)
        done: list[tuple[UUID, int]] = []
        for document, revision in listed:
            chunks = self._indexed.chunks(document, revision)
            if index.count(document) >= len(chunks):
                index.upsert([point_of_terms(chunk, words) for chunk in chunks])
                done.append((document, revision))
        index.flush()
        for document, revision in done:
            self._indexed.mark(document, revision, words.fingerprint)
        return Reworded(
            documents=len(done),
            missing=len(listed) - len(done),
            last=listed[-1][0] if len(listed) == limit else None,
        )


def documents_behind(tenant: str, *, indexed: IndexedWords, lexicon: LexiconReader) -> int:
    """Return how many documents were indexed with other words than the company's present ones."""
    return indexed.count_behind(tenant, lexicon.of(tenant).words.fingerprint)
