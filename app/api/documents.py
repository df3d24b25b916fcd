"""`/v1/documents`: upload, list, read, remove."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from app.api.auth import GuardedRoute, Reader, Writer
from app.api.documented import KEYED, errors
from app.api.receipt_schemas import ReceiptOut
from app.api.receipts import ERASING, erase, pending
from app.api.schemas import (
    BlockOut,
    BlocksOut,
    DocumentOut,
    DocumentsOut,
    HiddenTextOut,
    JobOut,
)
from app.api.services import ServicesDependency
from app.api.uploads import UPLOAD_FORM, read_upload
from stores.access import AccessFilter, access_filter
from stores.documents import Documents
from stores.records import Document

_MAX_LIMIT = 200
_MAX_OFFSET = 1_000_000_000
_MAX_PAGE = 1_000_000
_MAX_TITLE = 200
DocumentId = Annotated[UUID, Path(description="id of the document")]
router = APIRouter(route_class=GuardedRoute, tags=["documents"])


@router.post(
    "/v1/documents",
    summary="Upload a document",
    status_code=HTTPStatus.ACCEPTED,
    openapi_extra={"requestBody": UPLOAD_FORM},
    response_description="The job that ingests it; its address is in the header Location.",
    responses=errors(
        *KEYED,
        "request_malformed",
        "not_permitted",
        "groups_not_permitted",
        "file_too_large",
        "upload_invalid",
        "storage_full",
    ),
)
async def upload_document(
    principal: Writer, request: Request, response: Response, services: ServicesDependency
) -> JobOut:
    """Take a file, to be ingested in the background. Same uri: the document is replaced."""
    limit = services.system.settings.ingest.max_file_megabytes
    upload = await read_upload(request, limit_megabytes=limit)
    job = await services.call(services.worker.submit, principal, upload)
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return JobOut.model_validate(job)


@router.get("/v1/documents", summary="List documents", responses=errors(*KEYED))
async def list_documents(
    principal: Reader,
    services: ServicesDependency,
    limit: Annotated[int, Query(ge=1, le=_MAX_LIMIT)] = 50,
    offset: Annotated[int, Query(ge=0, le=_MAX_OFFSET)] = 0,
    title: Annotated[
        str, Query(max_length=_MAX_TITLE, description="only documents with this in their title")
    ] = "",
) -> DocumentsOut:
    """Return the documents that the key may read, newest first."""
    documents = services.system.catalog.documents
    found = await services.call(
        documents.list, access_filter(principal), limit=limit, offset=offset, title=title
    )
    return DocumentsOut(documents=tuple(document_out(document) for document in found))


@router.get(
    "/v1/documents/{document_id}",
    summary="Describe a document",
    responses=errors(*KEYED, "document_unknown"),
)
async def get_document(
    document_id: DocumentId, principal: Reader, services: ServicesDependency
) -> DocumentOut:
    """Return a document and the pages that it has."""
    documents = services.system.catalog.documents
    return await services.call(_with_pages, documents, document_id, access_filter(principal))


@router.get(
    "/v1/documents/{document_id}/blocks",
    summary="Read a document",
    responses=errors(*KEYED, "document_unknown"),
)
async def get_blocks(
    document_id: DocumentId,
    principal: Reader,
    services: ServicesDependency,
    page: Annotated[
        int | None, Query(ge=1, le=_MAX_PAGE, description="only this page; else all")
    ] = None,
) -> BlocksOut:
    """Return the text of a page, or of all pages, block by block."""
    documents = services.system.catalog.documents
    blocks = await services.call(
        documents.page_blocks, document_id, access_filter(principal), page=page
    )
    return BlocksOut(
        blocks=tuple(
            BlockOut(
                ordinal=ordinal,
                kind=block.kind,
                text=block.text,
                page=block.page,
                heading_path=block.heading_path,
                recognised=block.recognised and block.recognised.confidence,
            )
            for ordinal, block in blocks
        )
    )


@router.delete(
    "/v1/documents/{document_id}",
    summary="Erase a document",
    responses={**errors(*KEYED, *ERASING), **pending(ReceiptOut)},
)
async def delete_document(
    document_id: DocumentId, principal: Writer, response: Response, services: ServicesDependency
) -> ReceiptOut:
    """Erase a document that the key may read from all stores, and return what proves it."""
    (receipt,) = await erase(services, principal, [document_id], response)
    return ReceiptOut.model_validate(receipt)


def _with_pages(documents: Documents, document_id: UUID, access: AccessFilter) -> DocumentOut:
    document = documents.get(document_id, access)
    return document_out(document, pages=tuple(documents.pages(document_id, access)))


def document_out(document: Document, *, pages: tuple[int, ...] = ()) -> DocumentOut:
    """Return a document as the API tells it."""
    return DocumentOut(
        id=document.id,
        uri=document.uri,
        title=document.title,
        revision=document.revision,
        media_type=document.media_type,
        lang=document.lang,
        sha256=document.sha256,
        size_bytes=document.size_bytes,
        groups=document.groups,
        updated_at=document.updated_at,
        series=document.series,
        effective_from=document.effective_from,
        effective_to=document.effective_to,
        published=document.published,
        doc_type=document.doc_type,
        tags=document.tags,
        pages=pages,
        hidden=tuple(
            HiddenTextOut(kind=each.kind, characters=each.characters) for each in document.hidden
        ),
    )
