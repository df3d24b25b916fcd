"""A client whose API is a script, and records to fill it with."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Unpack
from uuid import UUID, uuid5

from app.api.conversation_schemas import ConversationDetailOut, ConversationOut, ExchangeOut
from app.api.receipt_schemas import ReceiptOut
from app.api.requests import MAX_LIMIT, Asking, TurnIn
from app.api.schemas import (
    AnswerOut,
    BlockOut,
    DocumentOut,
    DuplicateOut,
    EvidenceEvent,
    EvidenceOut,
    JobOut,
    SentenceOut,
    SpanOut,
    TokenEvent,
)
from app.client import AnswerEvent, ApiError, ZhikuClient
from app.messages import Lang, message
from generation.records import Support
from stores.access import EVERYONE
from stores.receipt_records import ErasureState
from stores.records import NOTHING_GIVEN, BlockKind, DocType, Given

_NAMES = UUID(int=7)
_ASKED_AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
GOOD_KEY = "zk_good"
LIMIT = "The hotel limit in Shanghai is 600 yuan a night."
PAYMENT = "Claims are paid within ten working days."


def identifier(name: str) -> UUID:
    """Return the same id for the same name."""
    return uuid5(_NAMES, name)


def document(title: str, *, uri: str = "upload://travel.pdf", revision: int = 1) -> DocumentOut:
    return DocumentOut(
        id=identifier(title),
        uri=uri,
        title=title,
        revision=revision,
        media_type="application/pdf",
        lang="en",
        sha256="0" * 64,
        size_bytes=48_213,
        groups=(EVERYONE,),
        updated_at=datetime(2026, 3, 1, tzinfo=UTC),
        series="travel policy",
        effective_from=date(2025, 1, 1),
        effective_to=None,
        published=None,
        doc_type=DocType.POLICY,
        tags=("travel",),
        pages=(1, 2, 3),
        hidden=(),
    )


def evidence(
    number: int,
    quote: str,
    *,
    title: str = "Travel policy",
    uri: str = "upload://travel.pdf",
    pages: tuple[int, ...] = (3,),
    spans: Sequence[tuple[int, int, int]] = (),
) -> EvidenceOut:
    return EvidenceOut(
        number=number,
        document_id=identifier(title),
        chunk_id=identifier(f"{title}/{number}"),
        revision=1,
        title=title,
        uri=uri,
        heading_path=("Travel", "Accommodation"),
        quote=quote,
        pages=pages,
        spans=tuple(SpanOut(block=b, start=s, end=e) for b, s, e in spans),
        score=0.93,
        signals={"dense": 0.88, "lexical": 7.12, "coverage": 0.75, "fusion": 2.51},
        highlight=quote,
    )


def answer(
    text: str,
    sentences: Sequence[tuple[str, tuple[int, ...]]],
    found: Sequence[EvidenceOut],
    *,
    refusal: bool = False,
) -> AnswerOut:
    cited = {number for _, numbers in sentences for number in numbers}
    return AnswerOut(
        text=text,
        lang="en",
        sentences=tuple(
            SentenceOut(
                text=sentence,
                citations=numbers,
                support=Support.VERIFIED if numbers else Support.UNCITED,
                score=1.0 if numbers else 0.0,
            )
            for sentence, numbers in sentences
        ),
        citations=tuple(e for e in found if e.number in cited),
        evidence=tuple(found),
        refusal=refusal,
        usage=None,
        provenance={"model": "qwen", "prompt": "answer@1"},
    )


FOUND = (
    evidence(1, LIMIT, spans=((1, 0, len(LIMIT)),)),
    evidence(2, PAYMENT, title="Claims", uri="upload://claims.md", pages=(), spans=((0, 0, 6),)),
)
ANSWER = answer(
    "The limit is 600 yuan a night [1]. Paid in ten days [2]. Have a nice trip!",
    (
        ("The limit is 600 yuan a night.", (1,)),
        ("Paid in ten days.", (2,)),
        ("Have a nice trip!", ()),
    ),
    FOUND,
)
REFUSAL = answer("No document answers this question.", (), FOUND[:1], refusal=True)
PAGE = (
    BlockOut(
        ordinal=0, kind=BlockKind.HEADING, text="Accommodation", page=3, heading_path=("Travel",)
    ),
    BlockOut(ordinal=1, kind=BlockKind.TEXT, text=LIMIT, page=3, heading_path=("Travel",)),
    BlockOut(
        ordinal=2,
        kind=BlockKind.TABLE,
        text="| City | Yuan |\n| --- | --- |\n| Shanghai | 600 |",
        page=3,
        heading_path=("Travel",),
    ),
)


def job(state: str, *, name: str = "notes.md", reason: str | None = None, done: int = 0) -> JobOut:
    return JobOut.model_validate(
        {
            "id": identifier(name),
            "document_id": identifier(name + "/document"),
            "filename": name,
            "state": state,
            "outcome": "added" if state == "done" else None,
            "done": done,
            "total": 4,
            "attempts": 1,
            "created_at": "2026-03-01T09:00:00Z",
            "updated_at": "2026-03-01T09:00:01Z",
            "reason": reason,
        }
    )


def duplicate(
    title: str, similarity: float, *, exact: bool = False, kept: bool = False
) -> DuplicateOut:
    return DuplicateOut(
        id=identifier(title),
        uri=f"upload://{title}",
        title=title,
        similarity=similarity,
        exact=exact,
        kept=kept,
    )


def conversation(name: str, *exchanges: ExchangeOut) -> ConversationDetailOut:
    return ConversationDetailOut(
        id=identifier(name),
        title=exchanges[0].question if exchanges else "",
        created_at=_ASKED_AT,
        updated_at=_ASKED_AT,
        summary="",
        summarised=0,
        turns=len(exchanges),
        exchanges=exchanges,
    )


def exchange(question: str, given: AnswerOut = ANSWER, *, ordinal: int = 1) -> ExchangeOut:
    return ExchangeOut(
        ordinal=ordinal,
        asked_at=_ASKED_AT,
        question=question,
        understood=question,
        answer=given.text,
        refusal=given.refusal,
        withheld=False,
        citations=given.citations,
        sentences=given.sentences,
        contradictions=(),
        lang="en",
    )


def withheld(question: str, *, ordinal: int = 1) -> ExchangeOut:
    bare = {"answer": "", "withheld": True, "citations": (), "sentences": ()}
    return exchange(question, ordinal=ordinal).model_copy(update=bare)


def with_turn(
    kept: ConversationDetailOut, question: str, given: AnswerOut
) -> ConversationDetailOut:
    """Return the conversation with one more turn."""
    exchanges = (*kept.exchanges, exchange(question, given, ordinal=kept.turns + 1))
    longer = {"exchanges": exchanges, "turns": len(exchanges), "title": kept.title or question}
    return kept.model_copy(update=longer)


def _receipt(document_id: UUID) -> ReceiptOut:
    return ReceiptOut(
        id=identifier("receipt"),
        document_id=document_id,
        user="boss",
        asked_at=_ASKED_AT,
        finished_at=_ASKED_AT,
        kept_until=_ASKED_AT,
        state=ErasureState.PROVEN,
        reason="",
        removed=None,
        searched=None,
        finds=(),
    )


class ScriptedClient(ZhikuClient):
    """Answers from attributes that a test sets; an `ApiError` among them is raised."""

    def __init__(self, *, lang: Lang = "en") -> None:
        super().__init__("http://127.0.0.1:9", GOOD_KEY, lang=lang)
        self.answers: dict[str, AnswerOut | ApiError] = {}
        self.page: tuple[BlockOut, ...] | ApiError = PAGE
        self.listed: list[DocumentOut] | ApiError = [document("Travel policy")]
        self.present = document("Travel policy")
        self.coming_jobs: list[JobOut] = [
            job("queued"),
            job("embedding", done=1),
            job("done", done=4),
        ]
        self.refused_upload: ApiError | None = None
        self.refused_delete: ApiError | None = None
        self.token_seconds = 0.0
        self.asked: list[str] = []
        self.told: list[UUID | None] = []
        self.kept: dict[UUID, ConversationDetailOut] = {}
        self.refused_conversations: ApiError | None = None
        self.asking: list[Asking] = []
        self.uploaded: dict[str, bytes] = {}

    def chat(
        self,
        question: str,
        *,
        lang: Lang | None = None,
        history: Sequence[TurnIn] = (),
        conversation_id: UUID | None = None,
        **asking: Unpack[Asking],
    ) -> Iterator[AnswerEvent]:
        self.asked.append(question)
        self.told.append(conversation_id)
        self.asking.append(asking)
        scripted = self.answers.get(question, ANSWER)
        if isinstance(scripted, ApiError):
            raise scripted
        if conversation_id is not None and conversation_id not in self.kept:
            raise refused("conversation_unknown")
        yield EvidenceEvent(evidence=scripted.evidence)
        if not scripted.refusal:
            for word in scripted.text.split(" "):
                time.sleep(self.token_seconds)
                yield TokenEvent(text=word + " ")
        if conversation_id is not None:
            self.kept[conversation_id] = with_turn(self.kept[conversation_id], question, scripted)
        yield scripted

    def begin_conversation(self) -> ConversationOut:
        self._reach_conversations()
        begun = conversation(f"conversation {len(self.kept) + 1}")
        self.kept[begun.id] = begun
        return begun

    def conversations(
        self, *, limit: int = 50, offset: int = 0, words: str = ""
    ) -> tuple[ConversationOut, ...]:
        self._reach_conversations()
        found = [
            each
            for each in reversed(self.kept.values())
            if all(word in each.title for word in words.split())
        ]
        return tuple(found[offset : offset + limit])

    def conversation(
        self, conversation_id: UUID, *, limit: int = 50, offset: int = 0
    ) -> ConversationDetailOut:
        found = self._kept(conversation_id)
        return found.model_copy(update={"exchanges": found.exchanges[offset : offset + limit]})

    def rename_conversation(self, conversation_id: UUID, title: str) -> ConversationOut:
        renamed = self._kept(conversation_id).model_copy(update={"title": title})
        self.kept[conversation_id] = renamed
        return renamed

    def erase_conversation(self, conversation_id: UUID) -> None:
        del self.kept[self._kept(conversation_id).id]

    def _kept(self, conversation_id: UUID) -> ConversationDetailOut:
        self._reach_conversations()
        if conversation_id not in self.kept:
            raise refused("conversation_unknown")
        return self.kept[conversation_id]

    def _reach_conversations(self) -> None:
        if self.refused_conversations is not None:
            raise self.refused_conversations

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
        if self.refused_upload is not None:
            raise self.refused_upload
        self.uploaded[filename] = data
        return self.coming_jobs.pop(0)

    def job(self, job_id: UUID) -> JobOut:
        return self.coming_jobs.pop(0)

    def documents(
        self, *, limit: int = 50, offset: int = 0, title: str = ""
    ) -> tuple[DocumentOut, ...]:
        assert limit <= MAX_LIMIT
        if isinstance(self.listed, ApiError):
            raise self.listed
        found = [each for each in self.listed if title.lower() in each.title.lower()]
        return tuple(found[offset : offset + limit])

    def document(self, document_id: UUID) -> DocumentOut:
        if isinstance(self.listed, ApiError):
            raise self.listed
        for each in (self.present, *self.listed):
            if each.id == document_id:
                return each
        raise refused("document_unknown", lang="en")

    def blocks(self, document_id: UUID, *, page: int | None = None) -> tuple[BlockOut, ...]:
        if isinstance(self.page, ApiError):
            raise self.page
        return self.page

    def delete(self, document_id: UUID) -> ReceiptOut:
        if self.refused_delete is not None:
            raise self.refused_delete
        assert isinstance(self.listed, list)
        self.listed = [kept for kept in self.listed if kept.id != document_id]
        return _receipt(document_id)


def refused(code: str, *, lang: Lang = "en", **fields: object) -> ApiError:
    """Return the error that the real client would raise."""
    return ApiError(code, message(code, lang, **fields))
