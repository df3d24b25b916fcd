"""The records of conversations, and their rows."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row


@dataclass(frozen=True, slots=True)
class Summary:
    """What was said in the first turns of a conversation, in few sentences.

    Attributes
    ----------
    turns
        How many turns it reaches over, from the first; it may reach over turns without a text.
    documents
        The documents whose words it may hold.
    """

    text: str = ""
    turns: int = 0
    documents: frozenset[UUID] = frozenset()


NO_SUMMARY = Summary()
"""Nothing was summarised yet."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation of one user.

    Attributes
    ----------
    user
        `Principal.user`, whose it is.
    title
        The first question, shortened; "" before it.
    summary
        Its text is "" and it has no documents if the user may not see one of them any more.
    """

    id: UUID
    tenant: str
    user: str
    title: str
    created_at: datetime
    updated_at: datetime
    summary: Summary = NO_SUMMARY


@dataclass(frozen=True, slots=True)
class Citation:
    """What the mark `[number]` in an answer stands for."""

    number: int
    document_id: UUID
    chunk_id: UUID


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """A sentence of an answer as it was checked.

    Attributes
    ----------
    citations
        Numbers of the exchange's citations.
    support
        How far it was borne out; one of `generation.records.Support`.
    score
        Share of its words that its sources hold, 0 to 1.
    """

    text: str
    citations: tuple[int, ...]
    support: str
    score: float


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What another document says otherwise than the answer.

    Attributes
    ----------
    is_in_force
        False: it is a former or a later edition.
    """

    document_id: UUID
    quote: str
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer.

    Attributes
    ----------
    understood
        What the question was taken to ask; the question itself if it was taken as it was asked.
    answer
        With marks that name the citations; for a refusal what was said instead.
    citations
        What the answer cites, ascending by number.
    documents
        The documents whose words the answer, what contradicts it, or the question as it was
        understood, may hold.
    trace_id
        Of the trace that the answer left; None if it left none.
    sentences
        The answer's, in order; empty for a refusal, and for answers kept before they were.
    """

    question: str
    understood: str
    answer: str
    refusal: bool
    citations: tuple[Citation, ...]
    documents: frozenset[UUID]
    lang: str
    trace_id: UUID | None = None
    sentences: tuple[CheckedSentence, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()

    def bare(self) -> "Exchange":
        """Return the question without what was answered; its documents stay, to withhold it."""
        return replace(
            self,
            understood=self.question,
            answer="",
            citations=(),
            sentences=(),
            contradictions=(),
        )


@dataclass(frozen=True, slots=True)
class KeptExchange:
    """An exchange as it is read.

    Attributes
    ----------
    ordinal
        1-based position in the conversation.
    withheld
        The user may not see one of the documents any more, or it is gone: the exchange holds the
        question alone.
    """

    ordinal: int
    asked_at: datetime
    exchange: Exchange
    withheld: bool

    def without_answer(self) -> "KeptExchange":
        """Return it withheld: the question alone."""
        bare = replace(self.exchange.bare(), documents=frozenset())
        return replace(self, exchange=bare, withheld=True)


def conversation_row(conversation: Conversation) -> dict[str, Any]:
    """Return the row of `conversations`."""
    return {
        "id": conversation.id,
        "tenant": conversation.tenant,
        "user": conversation.user,
        "title": conversation.title,
        "created_at": conversation.created_at,
        "updated_at": conversation.updated_at,
        **summary_row(conversation.summary),
    }


def summary_row(summary: Summary) -> dict[str, Any]:
    """Return the columns of `conversations` that hold the summary."""
    return {
        "summary": summary.text,
        "summarised": summary.turns,
        "summary_documents": _ids(summary.documents),
    }


def exchange_row(exchange: Exchange) -> dict[str, Any]:
    """Return the row of `turns` without its conversation, its position and its moment."""
    return {
        "question": exchange.question,
        "understood": exchange.understood,
        "answer": exchange.answer,
        "refusal": exchange.refusal,
        "citations": [
            (each.number, str(each.document_id), str(each.chunk_id)) for each in exchange.citations
        ],
        "documents": _ids(exchange.documents),
        "lang": exchange.lang,
        "trace_id": exchange.trace_id,
        "sentences": [
            (each.text, each.citations, each.support, each.score) for each in exchange.sentences
        ],
        "contradictions": [
            (str(each.document_id), each.quote, each.is_in_force)
            for each in exchange.contradictions
        ],
    }


def _ids(documents: Iterable[UUID]) -> list[str]:
    return sorted(map(str, documents))


def as_conversation(row: Row[Any]) -> Conversation:
    """Return the conversation of a row of `conversations`."""
    return Conversation(
        id=row.id,
        tenant=row.tenant,
        user=row.user,
        title=row.title,
        created_at=row.created_at,
        updated_at=row.updated_at,
        summary=Summary(row.summary, row.summarised, frozenset(map(UUID, row.summary_documents))),
    )


def as_kept(row: Row[Any]) -> KeptExchange:
    """Return the exchange of a row of `turns`."""
    exchange = Exchange(
        question=row.question,
        understood=row.understood,
        answer=row.answer,
        refusal=row.refusal,
        citations=tuple(
            Citation(number, UUID(document), UUID(chunk))
            for number, document, chunk in row.citations
        ),
        documents=frozenset(map(UUID, row.documents)),
        lang=row.lang,
        trace_id=row.trace_id,
        sentences=tuple(
            CheckedSentence(text, tuple(citations), support, score)
            for text, citations, support, score in row.sentences
        ),
        contradictions=tuple(
            Contradiction(UUID(document), quote, is_in_force)
            for document, quote, is_in_force in row.contradictions
        ),
    )
    return KeptExchange(row.ordinal, row.asked_at, exchange, withheld=False)
