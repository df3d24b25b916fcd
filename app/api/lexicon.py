"""`/v1/lexicon/sync`: bringing the index up to the company's words."""

from fastapi import APIRouter

from app.api.auth import Administrator, GuardedRoute
from app.api.documented import JSON, KEYED, errors
from app.api.requests import SyncIn
from app.api.schemas import SyncOut
from app.api.services import ServicesDependency

_DOCUMENTS = 20
"""Brought up to date in one request: below a second, and a broken connection loses little."""

router = APIRouter(route_class=GuardedRoute, tags=["documents"])


@router.post(
    "/v1/lexicon/sync",
    summary="Bring documents up to the lexicon",
    responses=errors(
        *KEYED,
        *JSON,
        "not_permitted",
        "index_unavailable",
        "index_locked",
        "index_mismatch",
        "storage_full",
    ),
)
async def sync(body: SyncIn, principal: Administrator, services: ServicesDependency) -> SyncOut:
    """Make the terms of the next documents anew that were indexed with other words.

    Nothing is encoded again. Call it with `after` = `last` of the answer before until `last` is
    null; what was done stays done.
    """
    done = await services.call(
        services.system.rewording.step, principal.tenant, after=body.after, limit=_DOCUMENTS
    )
    return SyncOut.model_validate(done)
