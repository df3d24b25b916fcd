"""The way of a document to its summary, for the API and the command line alike."""

from uuid import UUID

from app.api.summary_schemas import SummaryOut
from generation.summaries import SourceText, Summary
from stores.access import AccessFilter
from stores.documents import Documents
from stores.records import Document


def read_document(
    documents: Documents, document_id: UUID, access: AccessFilter
) -> tuple[Document, SourceText]:
    """Return a document and its text; raises `UnknownDocument`, for a forbidden one, too."""
    document = documents.get(document_id, access)
    blocks = documents.page_blocks(document_id, access, page=None)
    return document, SourceText(document.title, [block for _, block in blocks])


def summary_out(document: Document, summary: Summary) -> SummaryOut:
    """Return what is told of a summary."""
    told = {
        "document_id": document.id,
        "revision": document.revision,
        "text": summary.text,
        "lang": summary.lang,
        "sentences": summary.sentences,
        "dropped": summary.dropped,
        "partial": summary.partial,
        "usage": summary.usage,
        "provenance": summary.provenance,
    }
    return SummaryOut.model_validate(told, from_attributes=True)
