"""Who may see what: the principal, and the one function that turns it into a filter."""

from dataclasses import dataclass
from enum import StrEnum

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
class AccessFilter:
    """What a read is restricted to: one tenant, and documents of at least one of the groups."""

    tenant: str
    groups: tuple[str, ...]

    def allows(self, *, tenant: str, groups: tuple[str, ...]) -> bool:
        """Tell whether a document of `tenant` for `groups` is visible."""
        return tenant == self.tenant and not set(self.groups).isdisjoint(groups)


def access_filter(principal: Principal) -> AccessFilter:
    """Build the filter of every read from the principal, and from nothing else.

    No request parameter takes part, so no request can widen it. A principal without groups gets a
    filter that matches nothing.
    """
    return AccessFilter(tenant=principal.tenant, groups=tuple(sorted(principal.groups)))
