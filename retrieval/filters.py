"""What a question is restricted to: the filters, and the access that they narrow."""

from stores.access import ALL_DOCUMENTS, AccessFilter, Principal, access_filter
from stores.documents import Documents
from stores.filters import NO_FILTERS, Filters

__all__ = ["NO_FILTERS", "Filters", "filtered_access"]


def filtered_access(principal: Principal, filters: Filters, documents: Documents) -> AccessFilter:
    """Return what the principal may see and the filters leave."""
    chosen = documents.matching(principal.tenant, filters) if filters else ALL_DOCUMENTS
    return access_filter(principal, documents=chosen)
