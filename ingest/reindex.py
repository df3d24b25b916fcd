"""Making points anew of what the catalog has, where the index lost them."""

from ingest.chunk import passage
from ingest.lexicon import LexiconReader
from ingest.points import whole_point
from models.encoder import Encoder
from stores.index import IndexStore
from stores.indexed_words import IndexedWords
from stores.records import Document

_BATCH = 64


class Reindexing:
    """Encodes the chunks of documents again; no file is read, and the catalog stays as it is.

    What breaks off is done again by the next call: readers find the points that are there.
    """

    def __init__(
        self,
        *,
        indexed: IndexedWords,
        indexes: IndexStore,
        encoder: Encoder,
        lexicon: LexiconReader,
    ) -> None:
        self._indexed = indexed
        self._indexes = indexes
        self._encoder = encoder
        self._lexicon = lexicon

    def restore(self, document: Document) -> None:
        """Put the points of a document's chunks in the place of those that are there.

        Raises
        ------
        StoreError
            A store is away or full.
        """
        words = self._lexicon.of(document.tenant).words
        chunks = self._indexed.chunks(document.id, document.revision)
        index = self._indexes.open(document.tenant)
        index.delete(document.id)
        for start in range(0, len(chunks), _BATCH):
            batch = chunks[start : start + _BATCH]
            vectors = self._encoder.encode_passages([passage(c.context, c.text) for c in batch])
            index.upsert(
                [
                    whole_point(chunk, words, groups=document.groups, dense=dense)
                    for chunk, dense in zip(batch, vectors, strict=True)
                ]
            )
        index.flush()
        self._indexed.mark(document.id, document.revision, words.fingerprint)
