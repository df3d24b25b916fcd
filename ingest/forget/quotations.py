"""What people have copied from a document into their questions."""

from functools import cached_property
from uuid import UUID

from ahocorasick_rs import AhoCorasick

from stores.documents import Documents
from stores.proof import text_pieces


class Quotations:
    """Tells whether a text quotes a document, and no other one that is still there."""

    def __init__(self, documents: Documents, document_id: UUID) -> None:
        self._documents = documents
        self._id = document_id
        self._pieces = text_pieces(text for _, text in documents.texts(of=document_id))
        self._finder = AhoCorasick(self._pieces)

    def are_in(self, text: str) -> bool:
        """Tell whether a piece of the document is in the text, and in no other document."""
        found = self._found(text)
        return bool(found) and not found <= self._in_others

    def _found(self, text: str) -> set[str]:
        matches = self._finder.find_matches_as_indexes(text, overlapping=True)
        return {self._pieces[number] for number, _, _ in matches}

    @cached_property
    def _in_others(self) -> set[str]:
        # All texts are read for this, so not before a text has a piece in it.
        others = (self._found(text) for _, text in self._documents.texts(but=self._id))
        return set[str]().union(*others)
