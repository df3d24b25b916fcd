"""`/v1/duplicates`: documents that are almost the same, and what is decided of them."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.auth import GuardedRoute, Reader, Writer
from app.api.documented import JSON, KEYED, errors
from app.api.documents import document_out
from app.api.duplicate_schemas import DuplicateGroupOut, DuplicatesOut, KeptOut
from app.api.requests import KeepIn
from app.api.schemas import DuplicateOut
from app.api.services import ServicesDependency
from ingest.duplicates import Copy, Group
from stores.access import access_filter

_MAX_LIMIT = 200
_MAX_OFFSET = 1_000_000_000
router = APIRouter(route_class=GuardedRoute, tags=["documents"])


@router.get("/v1/duplicates", summary="List near-duplicates", responses=errors(*KEYED))
async def list_duplicates(
    principal: Reader,
    services: ServicesDependency,
    limit: Annotated[int, Query(ge=1, le=_MAX_LIMIT)] = 50,
    offset: Annotated[int, Query(ge=0, le=_MAX_OFFSET)] = 0,
) -> DuplicatesOut:
    """Return groups of documents that are almost the same, of which not all are to be kept.

    Only documents that the key may read take part: what it may not read is not counted, either.
    """
    groups = await services.call(services.system.duplicates.groups, access_filter(principal))
    page = groups[offset : offset + limit]
    return DuplicatesOut(groups=tuple(_group_out(group) for group in page), total=len(groups))


@router.post(
    "/v1/duplicates/keep",
    summary="Keep near-duplicates",
    responses=errors(*KEYED, *JSON, "not_permitted"),
)
async def keep_duplicates(body: KeepIn, principal: Writer, services: ServicesDependency) -> KeptOut:
    """Decide that documents stay, so that they are neither listed nor held back any more.

    It holds until a document gets other bytes. To drop one, remove the document.
    """
    kept = await services.call(
        services.system.catalog.signatures.keep, body.document_ids, access_filter(principal)
    )
    return KeptOut(document_ids=tuple(document.id for document in kept))


def duplicate_out(copy: Copy) -> DuplicateOut:
    """Return a near-duplicate as the API tells it."""
    return DuplicateOut(
        id=copy.document.id,
        uri=copy.document.uri,
        title=copy.document.title,
        similarity=copy.similarity,
        exact=copy.is_exact,
        kept=copy.kept,
    )


def _group_out(group: Group) -> DuplicateGroupOut:
    return DuplicateGroupOut(
        newest=document_out(group.newest),
        copies=tuple(duplicate_out(copy) for copy in group.copies),
    )
