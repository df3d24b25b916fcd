"""Documents that are the same, or almost: which they are, and which of them is the newest."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from models.minhash import SIGNATURE_VERSION, bands, signature, similarity
from stores.access import AccessFilter
from stores.documents import Documents
from stores.records import Block, Document
from stores.signatures import Signature, Signatures, SignedDocument

_SIGNED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Copy:
    """A document that is almost the same as another one.

    Attributes
    ----------
    similarity
        Share of the text that both have, in [0, 1]; 1 is said of equal bytes only where `is_exact`.
    is_exact
        Whether the bytes of both files are the same.
    kept
        Whether somebody decided that it stays.
    """

    document: Document
    similarity: float
    is_exact: bool
    kept: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Documents that are almost the same as the newest of them, the most alike first."""

    newest: Document
    copies: tuple[Copy, ...]

    @property
    def is_decided(self) -> bool:
        """Tell whether somebody decided that all of the copies stay."""
        return all(copy.kept for copy in self.copies)


class Duplicates:
    """Finds near-duplicates among the documents that somebody may see.

    Parameters
    ----------
    at_least
        Similarity from which on two documents count as almost the same, in [0, 1].
    """

    def __init__(self, signatures: Signatures, *, at_least: float) -> None:
        self._signatures = signatures
        self._at_least = at_least

    def groups(self, access: AccessFilter) -> list[Group]:
        """Return the groups that somebody has to decide about, the largest first."""
        found = grouped(self._signatures.alike(access), at_least=self._at_least)
        undecided = [group for group in found if not group.is_decided]
        return sorted(undecided, key=lambda group: (-len(group.copies), group.newest.uri))

    def of(self, document_id: UUID, access: AccessFilter) -> list[Copy]:
        """Return the documents that one is almost the same as, the most alike first."""
        own = self._signatures.of([document_id])
        others = self._signatures.like(document_id, access)
        copies = [_copy(each, of) for of in own for each in others]
        return _most_alike([copy for copy in copies if copy.similarity >= self._at_least])

    def older(self, documents: Iterable[Document]) -> Mapping[UUID, UUID]:
        """Return which of the documents have a newer copy among them, and which that is.

        Only the given ones take part: a copy that the asker may not see changes nothing. One that
        somebody decided to keep counts as no copy.
        """
        signed = self._signatures.of([document.id for document in documents])
        return {
            copy.document.id: group.newest.id
            for group in grouped(signed, at_least=self._at_least)
            for copy in group.copies
            if not copy.kept
        }


def sign(blocks: Iterable[Block]) -> Signature:
    """Return the signature of the text of a document."""
    data = signature(block.text for block in blocks)
    return Signature(SIGNATURE_VERSION, data, bands(data))


def sign_missing(documents: Documents, signatures: Signatures) -> int:
    """Sign the documents of all tenants that have no signature of this version; count them."""
    count = 0
    after: UUID | None = None
    while found := signatures.unsigned(SIGNATURE_VERSION, after=after, limit=_SIGNED_AT_ONCE):
        for document in found:
            access = AccessFilter(document.tenant, document.groups)
            blocks = documents.page_blocks(document.id, access, page=None)
            signatures.sign(document, sign(block for _, block in blocks))
        count += len(found)
        after = found[-1].id
    return count


def grouped(documents: Sequence[SignedDocument], *, at_least: float) -> list[Group]:
    """Put each document to the newer one that it is most like, if there is one.

    What is put together is like the newest of the group, not only like some other in it: chains of
    small differences join nothing.
    """
    newest: dict[UUID, SignedDocument] = {}
    copies: defaultdict[UUID, list[Copy]] = defaultdict(list)
    by_key: defaultdict[int | str, list[UUID]] = defaultdict(list)
    for each in sorted(documents, key=_age):
        keys = _keys(each)
        alike = {leader for key in keys for leader in by_key[key]}
        best = _best(each, [newest[leader] for leader in sorted(alike)], at_least=at_least)
        if best is not None:
            copies[best.document.id].append(_copy(each, best))
            continue
        newest[each.document.id] = each
        for key in keys:
            by_key[key].append(each.document.id)
    return [
        Group(newest[leader].document, tuple(_most_alike(found)))
        for leader, found in copies.items()
    ]


def are_editions(one: Document, other: Document) -> bool:
    """Tell whether two documents are each in force in days of their own, which copies are not."""
    periods = [(each.effective_from, each.effective_to) for each in (one, other)]
    return (None, None) not in periods and periods[0] != periods[1]


def _best(
    each: SignedDocument, leaders: Sequence[SignedDocument], *, at_least: float
) -> SignedDocument | None:
    alike = [(_similarity(each, leader), leader) for leader in leaders]
    score, best = max(alike, key=lambda pair: pair[0], default=(0.0, None))
    return best if score >= at_least else None


def _similarity(one: SignedDocument, other: SignedDocument) -> float:
    if are_editions(one.document, other.document):
        return 0.0
    if one.document.sha256 == other.document.sha256:
        return 1.0
    return similarity(_data(one), _data(other))


def _copy(each: SignedDocument, of: SignedDocument) -> Copy:
    is_exact = each.document.sha256 == of.document.sha256
    return Copy(each.document, _similarity(each, of), is_exact, each.kept)


def _keys(each: SignedDocument) -> Collection[int | str]:
    return (each.document.sha256, *bands(_data(each)))


def _data(each: SignedDocument) -> bytes:
    """Return the signature; that of another version says nothing."""
    return each.data if each.version == SIGNATURE_VERSION else b""


def _age(each: SignedDocument) -> tuple[int, float, str]:
    """Sort the newest first: by the day that a document has itself, then by when it came in."""
    document = each.document
    day = document.published or document.effective_from or document.updated_at.date()
    return (-(day - date.min).days, -document.updated_at.timestamp(), str(document.id))


def _most_alike(copies: Iterable[Copy]) -> list[Copy]:
    return sorted(copies, key=lambda copy: (-copy.similarity, copy.document.uri))
