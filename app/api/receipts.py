"""`/v1/receipts`, and the erasures that they tell of."""

import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import anyio
from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel

from app.api.auth import GuardedRoute, Writer
from app.api.documented import JSON, KEYED, errors
from app.api.receipt_schemas import ForgetIn, ReceiptOut, ReceiptsOut
from app.api.services import Services, ServicesDependency
from stores.access import Principal, access_filter
from stores.catalog import Catalog
from stores.receipt_records import ErasureState, Receipt

ERASING = ("not_permitted", "document_unknown", "index_unavailable", "index_locked", "storage_full")
"""What an erasure may answer besides."""

_MAX_LIMIT = 200
_MAX_OFFSET = 1_000_000_000
_WAIT_SECONDS = 20.0
_POLL_SECONDS = 0.1
_RETRY_SECONDS = 5


def pending(kind: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of an erasure that takes longer than a caller is kept waiting."""
    told = {"description": "seconds after which to ask again", "schema": {"type": "integer"}}
    return {
        HTTPStatus.ACCEPTED.value: {
            "model": kind,
            "description": "Nobody sees the documents any more, but their bytes may still be "
            "there: the erasure goes on, also after a restart. Ask for the receipt again, or "
            "repeat the call.",
            "headers": {"Retry-After": told},
        }
    }


router = APIRouter(route_class=GuardedRoute, tags=["documents"])


@router.post(
    "/v1/documents/forget",
    summary="Erase several documents",
    responses={**errors(*KEYED, *JSON, *ERASING), **pending(ReceiptsOut)},
)
async def forget_documents(
    body: ForgetIn, principal: Writer, response: Response, services: ServicesDependency
) -> ReceiptsOut:
    """Erase documents that the key may read, with one rewriting of the index for all of them.

    If one of them does not exist, none is erased.
    """
    receipts = await erase(services, principal, body.document_ids, response)
    return ReceiptsOut(receipts=tuple(map(ReceiptOut.model_validate, receipts)))


@router.get("/v1/receipts", summary="List erasures", responses=errors(*KEYED, "not_permitted"))
async def list_receipts(
    principal: Writer,
    services: ServicesDependency,
    limit: Annotated[int, Query(ge=1, le=_MAX_LIMIT)] = 50,
    offset: Annotated[int, Query(ge=0, le=_MAX_OFFSET)] = 0,
) -> ReceiptsOut:
    """Return the receipts of documents that the key might read, the latest first.

    An administrator is given all of the tenant.
    """
    receipts = services.system.catalog.receipts
    found = await services.call(receipts.list, principal, limit=limit, offset=offset)
    return ReceiptsOut(receipts=tuple(map(ReceiptOut.model_validate, found)))


@router.get(
    "/v1/receipts/{receipt_id}",
    summary="Read the receipt of an erasure",
    responses=errors(*KEYED, "not_permitted", "receipt_unknown"),
)
async def get_receipt(
    receipt_id: Annotated[UUID, Path(description="id that the erasure returned")],
    principal: Writer,
    services: ServicesDependency,
) -> ReceiptOut:
    """Return a receipt."""
    receipts = services.system.catalog.receipts
    return ReceiptOut.model_validate(await services.call(receipts.get, receipt_id, principal))


async def erase(
    services: Services, principal: Principal, document_ids: Sequence[UUID], response: Response
) -> list[Receipt]:
    """Begin erasures, wait a while for their end, and return them as they are then.

    Where one is still pending, the response says so.
    """
    system = services.system
    await services.call(_check, system.catalog, principal, document_ids)
    # What is looked for is in the index: a caller is told at once that it is away.
    await services.call(system.indexes.check)
    begun = await services.call(
        system.forgetter.begin, principal.tenant, document_ids, user=principal.user
    )
    services.erasures.wake()
    ids = [receipt.id for receipt in begun]
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        receipts = await services.call(system.catalog.receipts.read, ids)
        is_pending = any(each.state is ErasureState.PENDING for each in receipts)
        if not is_pending or time.monotonic() > deadline:
            break
        await anyio.sleep(_POLL_SECONDS)
    if is_pending:
        response.status_code = HTTPStatus.ACCEPTED
        response.headers["Retry-After"] = str(_RETRY_SECONDS)
    return receipts


def _check(catalog: Catalog, principal: Principal, document_ids: Sequence[UUID]) -> None:
    """Return if the principal may read the documents, or might until their erasure began."""
    for document_id in document_ids:
        if catalog.receipts.pending_of(document_id, principal) is None:
            catalog.documents.get(document_id, access_filter(principal))
