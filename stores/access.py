"""Who may see what: the principal, and the one function that turns it into a filter."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

EVERYONE = "everyone"
"""The group of documents that are for all members of a tenant, and of ordinary keys."""


class Scope(StrEnum):
    """What a principal may do; what it may *read* is decided by its groups alone."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller.

    Attributes
    ----------
    tenant
        The hard boundary: nothing of another tenant is ever visible.
    user
        Stable name of the caller (the key's id, or the operator's name).
    groups
        Groups whose documents the caller may read. An empty set reads nothing.
    scopes
        What the caller may do.
    """

    tenant: str
    user: str
    groups: frozenset[str]
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class DocumentSet:
    """Some documents: those with the ids, or with `others` all but those."""

    ids: frozenset[UUID]
    others: bool = False

    def __contains__(self, document_id: UUID) -> bool:
        """Tell whether a document is one of them."""
        return (document_id in self.ids) != self.others


ALL_DOCUMENTS = DocumentSet(frozenset(), others=True)
"""No document is left out."""


@dataclass(frozen=True, slots=True)
class AccessFilter:
    """What a read is restricted to.

    Attributes
    ----------
    tenant, groups
        One tenant, and documents of at least one of the groups.
    documents
        Of these, only documents in this set.
    """

    tenant: str
    groups: tuple[str, ...]
    documents: DocumentSet = ALL_DOCUMENTS

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing can be visible."""
        return not self.groups or self.documents == DocumentSet(frozenset())

    def allows(self, *, tenant: str, groups: tuple[str, ...]) -> bool:
        """Tell whether a document of `tenant` for `groups` is visible, if it is in `documents`."""
        return tenant == self.tenant and not set(self.groups).isdisjoint(groups)


def access_filter(principal: Principal, *, documents: DocumentSet = ALL_DOCUMENTS) -> AccessFilter:
    """Build the filter of every read from the principal.

    What a request may bring, `documents`, takes from what the principal's tenant and groups allow
    and never adds to it, so no request can widen it. A principal without groups gets a filter that
    matches nothing.
    """
    return AccessFilter(
        tenant=principal.tenant, groups=tuple(sorted(principal.groups)), documents=documents
    )
