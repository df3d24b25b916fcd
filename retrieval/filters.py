"""What a question is restricted to: the filters, and the access that they narrow."""

from stores.access import AccessFilter, Principal, access_filter
from stores.documents import Documents
from stores.filters import NO_FILTERS, Filters

__all__ = ["NO_FILTERS", "Filters", "filtered_access"]


def filtered_access(principal: Principal, filters: Filters, documents: Documents) -> AccessFilter:
    """Return what the principal may see and the filters leave."""
    access = access_filter(principal)
    if not filters:
        return access
    return access_filter(principal, documents=documents.matching(access, filters))
