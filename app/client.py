"""The typed client of the REST API; the chat and the command line use it."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Unpack
from uuid import UUID

import httpx

from app.api.duplicate_schemas import DuplicatesOut, KeptOut
from app.api.receipt_schemas import ReceiptOut, ReceiptsOut
from app.api.requests import Asking, TurnIn, asking_fields, upload_fields
from app.api.schemas import (
    AnswerOut,
    BlockOut,
    BlocksOut,
    DocumentOut,
    DocumentsOut,
    ErrorBody,
    EvidenceEvent,
    EvidenceOut,
    JobOut,
    ReadyOut,
    SearchOut,
    SentenceEvent,
    SyncOut,
    TokenEvent,
)
from app.api.service_schemas import NO_CONTEXT, ContextIn, ServiceOut
from app.api.summary_schemas import SummaryOut
from app.client_connection import ApiError, api_error
from app.client_conversations import ConversationCalls
from app.client_jobs import JobCalls
from app.messages import Lang
from app.sse import server_sent_events
from stores.access import EVERYONE
from stores.records import NOTHING_GIVEN, Given

__all__ = ["AnswerEvent", "ApiError", "ZhikuClient"]

AnswerEvent = EvidenceEvent | TokenEvent | SentenceEvent | AnswerOut
"""What a streamed answer consists of, in this order; the last one is the whole answer."""

_EVENTS: dict[str, type[AnswerEvent]] = {
    "evidence": EvidenceEvent,
    "token": TokenEvent,
    "sentence": SentenceEvent,
    "done": AnswerOut,
}


class ZhikuClient(ConversationCalls, JobCalls):
    """All that the API offers, over one `Connection`. Every method raises `ApiError`."""

    def search(
        self, query: str, *, limit: int = 10, **asking: Unpack[Asking]
    ) -> tuple[EvidenceOut, ...]:
        """Return the passages found, best first."""
        body = {"query": query, "limit": limit, **asking_fields(asking)}
        return self._json(SearchOut, "POST", "/v1/search", json=body).evidence

    def explain(self, query: str, *, limit: int = 10, **asking: Unpack[Asking]) -> SearchOut:
        """Return the passages found and how every candidate came to its place."""
        body = {"query": query, "limit": limit, **asking_fields(asking), "explain": True}
        return self._json(SearchOut, "POST", "/v1/search", json=body)

    def ask(
        self,
        question: str,
        *,
        lang: Lang | None = None,
        explain: bool = False,
        history: Sequence[TurnIn] = (),
        conversation_id: UUID | None = None,
        response_schema: Mapping[str, object] | None = None,
        **asking: Unpack[Asking],
    ) -> AnswerOut:
        """Return the whole answer once it is written.

        It is understood after `history`, oldest first, or after what the server keeps of the
        conversation. With `response_schema`, a JSON schema, the answer is its `data`.
        """
        body = {"question": question, "lang": lang, "explain": explain, **asking_fields(asking)}
        body |= _memory_fields(history, conversation_id)
        body["response_schema"] = response_schema
        return self._json(AnswerOut, "POST", "/v1/chat", json=body)

    def chat(
        self,
        question: str,
        *,
        lang: Lang | None = None,
        history: Sequence[TurnIn] = (),
        conversation_id: UUID | None = None,
        **asking: Unpack[Asking],
    ) -> Iterator[AnswerEvent]:
        """Yield the answer as it is written; closing the iterator stops the writing.

        For the rest see `ask`.
        """
        body = {"question": question, "lang": lang, "stream": True, **asking_fields(asking)}
        body |= _memory_fields(history, conversation_id)
        with self._errors(), self._http.stream("POST", "/v1/chat", json=body) as response:
            if not response.is_success:
                response.read()
            self._refuse_failure(response)
            for name, data in server_sent_events(response.iter_bytes()):
                if name == "error":
                    raise api_error(ErrorBody.model_validate_json(data), status=None)
                if name in _EVENTS:
                    yield _EVENTS[name].model_validate_json(data)
                if name == "done":
                    return
        raise self._own_error("api_broke_off")

    def reply_to_customer(
        self, message: str, *, lang: Lang | None = None, context: ContextIn = NO_CONTEXT
    ) -> ServiceOut:
        """Return a reply to a customer, and whether a person has to go on."""
        body = {"message": message, "language": lang, "context": context.model_dump(mode="json")}
        return self._json(ServiceOut, "POST", "/v1/service/reply", json=body)

    def summary(self, document_id: UUID, *, lang: Lang | None = None) -> SummaryOut:
        """Return the summary of a document, in its own language unless another is asked for."""
        parameters = {} if lang is None else {"language": lang}
        path = f"/v1/documents/{document_id}/summary"
        return self._json(SummaryOut, "GET", path, params=parameters)

    def upload(
        self,
        filename: str,
        data: bytes,
        *,
        groups: Sequence[str] = (EVERYONE,),
        uri: str | None = None,
        given: Given = NOTHING_GIVEN,
        sidecar: str = "",
    ) -> JobOut:
        """Send a file to be ingested; return the job that does it.

        Parameters
        ----------
        given
            What is said of the document; what is left out is found in it.
        sidecar
            The same as the text of a file `<name>.meta.toml`; `given` comes before it.
        """
        fields: dict[str, str | list[str]] = {"groups": list(groups), **upload_fields(given)}
        if uri is not None:
            fields["uri"] = uri
        if sidecar:
            fields["sidecar"] = sidecar
        files = {"file": (filename, data)}
        return self._json(JobOut, "POST", "/v1/documents", data=fields, files=files)

    def documents(
        self, *, limit: int = 50, offset: int = 0, title: str = ""
    ) -> tuple[DocumentOut, ...]:
        """Return documents that the key may read, with `title` in their title, newest first."""
        parameters: dict[str, int | str] = {"limit": limit, "offset": offset, "title": title}
        return self._json(DocumentsOut, "GET", "/v1/documents", params=parameters).documents

    def document(self, document_id: UUID) -> DocumentOut:
        """Return one document with its pages."""
        return self._json(DocumentOut, "GET", f"/v1/documents/{document_id}")

    def blocks(self, document_id: UUID, *, page: int | None = None) -> tuple[BlockOut, ...]:
        """Return the blocks of one page, or of the whole document."""
        parameters = {} if page is None else {"page": page}
        path = f"/v1/documents/{document_id}/blocks"
        return self._json(BlocksOut, "GET", path, params=parameters).blocks

    def duplicates(self, *, limit: int = 50, offset: int = 0) -> DuplicatesOut:
        """Return groups of documents that are almost the same, the largest first."""
        parameters = {"limit": limit, "offset": offset}
        return self._json(DuplicatesOut, "GET", "/v1/duplicates", params=parameters)

    def keep_duplicates(self, document_ids: Sequence[UUID]) -> KeptOut:
        """Decide that documents stay beside those that they are almost the same as."""
        body = {"document_ids": [str(each) for each in document_ids]}
        return self._json(KeptOut, "POST", "/v1/duplicates/keep", json=body)

    def delete(self, document_id: UUID) -> ReceiptOut:
        """Erase a document; return the receipt, which may be pending."""
        return self._json(ReceiptOut, "DELETE", f"/v1/documents/{document_id}")

    def forget(
        self,
        document_ids: Sequence[UUID],
        *,
        timeout_seconds: float = 600.0,
        poll_seconds: float = 1.0,
    ) -> tuple[ReceiptOut, ...]:
        """Erase documents together, at most 1,000; return the receipts once all are finished."""
        deadline = time.monotonic() + timeout_seconds
        body = {"document_ids": [str(each) for each in document_ids]}
        receipts = self._json(ReceiptsOut, "POST", "/v1/documents/forget", json=body).receipts
        while not all(receipt.finished for receipt in receipts):
            if time.monotonic() > deadline:
                raise self._own_error("erasure_unfinished", seconds=round(timeout_seconds))
            time.sleep(poll_seconds)
            receipts = tuple(self.receipt(receipt.id) for receipt in receipts)
        return receipts

    def receipts(self, *, limit: int = 50, offset: int = 0) -> tuple[ReceiptOut, ...]:
        """Return receipts of erasures that the key may read, the latest first."""
        parameters: dict[str, int | str] = {"limit": limit, "offset": offset}
        return self._json(ReceiptsOut, "GET", "/v1/receipts", params=parameters).receipts

    def receipt(self, receipt_id: UUID) -> ReceiptOut:
        """Return the receipt of an erasure."""
        return self._json(ReceiptOut, "GET", f"/v1/receipts/{receipt_id}")

    def sync_lexicon(self, *, after: UUID | None = None) -> SyncOut:
        """Bring some documents up to the lexicon; go on after `last` until it is None."""
        body: dict[str, object] = {"after": None if after is None else str(after)}
        return self._json(SyncOut, "POST", "/v1/lexicon/sync", json=body)

    def ready(self) -> ReadyOut:
        """Return whether the service can answer, and what is away if it cannot."""
        with self._errors():
            response = self._http.get("/health/ready")
            if response.status_code not in {httpx.codes.OK, httpx.codes.SERVICE_UNAVAILABLE}:
                self._refuse_failure(response)
            return self._parsed(ReadyOut, response)


def _memory_fields(history: Sequence[TurnIn], conversation_id: UUID | None) -> dict[str, object]:
    return {
        "history": [turn.model_dump() for turn in history],
        "conversation_id": None if conversation_id is None else str(conversation_id),
    }
