"""`GET /v1/documents/{id}/summary`: what a document says, in short."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from app.api.auth import GuardedRoute, Reader
from app.api.documented import KEYED, errors
from app.api.documents import DocumentId
from app.api.once import worked
from app.api.services import ServicesDependency
from app.api.summary_schemas import SummaryOut
from app.messages import Lang
from app.summaries import read_document, summary_out
from stores.access import access_filter

router = APIRouter(route_class=GuardedRoute, tags=["documents"])


@router.get(
    "/v1/documents/{document_id}/summary",
    summary="Summarise a document",
    responses=errors(
        *KEYED, "document_unknown", "llm_unavailable", "prompt_too_long", "overloaded"
    ),
)
async def summarise_document(
    document_id: DocumentId,
    principal: Reader,
    request: Request,
    services: ServicesDependency,
    language: Annotated[
        Lang | None, Query(description="of the summary; default: the document's")
    ] = None,
) -> SummaryOut:
    """Return a summary of a document that the key may read; it is made anew for each call."""
    system = services.system
    document, source = await services.call(
        read_document, system.catalog.documents, document_id, access_filter(principal)
    )
    lang = language or document.lang
    summary = await worked(
        lambda cancelled: system.summariser.summarise_document(
            source, lang=lang, cancelled=cancelled
        ),
        places=services.answers,
        request=request,
    )
    return summary_out(document, summary)
