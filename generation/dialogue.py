"""Questions of a conversation: answered after what the catalog remembers of it, and kept there."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import UUID

from generation.errors import ModelUnavailable, PromptTooLong
from generation.records import Answer, AnswerDone, AnswerEvent
from generation.summarising import Summariser
from retrieval.records import Query, Turn
from stores.access import Principal
from stores.conversation_records import (
    CheckedSentence,
    Citation,
    Contradiction,
    Exchange,
    KeptExchange,
    Summary,
)
from stores.conversations import Conversations

_MOST_AT_ONCE = 3
"""Turns that are put to a summary in one call of the model: with long answers more do not fit."""

_logger = logging.getLogger("zhiku.generation")


Answering = Callable[[Query], Iterator[AnswerEvent]]
"""Begins the answer to a question, as `generation.answerer.Answerer.answer` does."""


class Dialogue:
    """Answers the questions of conversations that the catalog keeps.

    The last turns are remembered as they were, those before as a summary. What was answered from
    documents that the asker may not see any more is not remembered.

    Parameters
    ----------
    window_turns
        How many turns are remembered as they were.
    """

    def __init__(
        self,
        *,
        conversations: Conversations,
        summariser: Summariser,
        window_turns: int,
    ) -> None:
        self._conversations = conversations
        self._summariser = summariser
        self._window_turns = window_turns

    def answer(
        self,
        query: Query,
        conversation_id: UUID,
        answering: Answering,
        *,
        cancelled: Callable[[], bool],
    ) -> Iterator[AnswerEvent]:
        """Yield what `answering` yields for the question with what is remembered.

        The turn is kept before its `AnswerDone` is given out; what was cancelled is not.

        Raises
        ------
        UnknownConversation
            It does not exist or is somebody else's; at the end, if it was erased meanwhile.
        CatalogUnavailable, StorageFull
            It cannot be read or kept.
        """
        remembered = self._recall(query, conversation_id)
        for event in answering(remembered):
            if isinstance(event, AnswerDone):
                if cancelled():
                    return
                exchange = _exchange(query.text, event.answer)
                self._conversations.add(conversation_id, query.principal, exchange)
            yield event

    def summarise(
        self, conversation_id: UUID, principal: Principal, *, cancelled: Callable[[], bool]
    ) -> None:
        """Put turns that have left the window to the summary; the model's call may take seconds.

        While the model is away they wait for the next time, and the log says so.

        Raises `UnknownConversation`, `CatalogUnavailable`, `StorageFull`.
        """
        before = self._conversations.get(conversation_id, principal).summary
        turns = self._conversations.count(conversation_id, principal)
        left = turns - self._window_turns - before.turns
        if left <= 0:
            return
        kept = self._conversations.exchanges(
            conversation_id, principal, limit=min(left, _MOST_AT_ONCE), offset=before.turns
        )
        try:
            text = self._summariser.summarise(
                before.text,
                [_turn(each, restated=True) for each in kept],
                lang=kept[-1].exchange.lang,
                cancelled=cancelled,
            )
        except (ModelUnavailable, PromptTooLong) as error:
            _logger.warning("the summary of a conversation waits for its next turn: %s", error)
            return
        if text is not None:
            self._conversations.summarise(
                conversation_id, principal, before=before, after=_longer(before, text, kept)
            )

    def _recall(self, query: Query, conversation_id: UUID) -> Query:
        principal = query.principal
        summary = self._conversations.get(conversation_id, principal).summary
        turns = self._conversations.count(conversation_id, principal)
        kept = self._conversations.exchanges(
            conversation_id,
            principal,
            limit=self._window_turns,
            offset=max(0, turns - self._window_turns),
        )
        # The first one may go on with a question that is not remembered.
        history = tuple(_turn(each, restated=each is kept[0]) for each in kept)
        return replace(query, history=history, summary=summary)


def _turn(kept: KeptExchange, *, restated: bool) -> Turn:
    """Return the turn that is remembered; a refusal has no answer, and no words of one."""
    exchange = kept.exchange
    restated = restated and exchange.understood != exchange.question
    return Turn(
        question=exchange.understood if restated else exchange.question,
        answer="" if exchange.refusal else exchange.answer,
        documents=exchange.documents,
        restated=restated,
    )


def _longer(before: Summary, text: str, kept: list[KeptExchange]) -> Summary:
    documents = before.documents.union(*(each.exchange.documents for each in kept))
    return Summary(text or before.text, before.turns + len(kept), documents)


def _exchange(question: str, answer: Answer) -> Exchange:
    """Return what is kept of an answer.

    It may hold words of all documents that the model was given, whatever it cites; a refusal names
    those that it found nearby.
    """
    understood = answer.understood
    others = (each.other for each in answer.conflicts)
    documents = frozenset(each.document_id for each in (*answer.evidence, *others))
    return Exchange(
        question=question,
        understood=question if understood is None else understood.question,
        answer=answer.text,
        refusal=answer.refusal,
        citations=tuple(
            Citation(each.number, each.document_id, each.chunk_id) for each in answer.citations
        ),
        documents=documents if understood is None else documents | understood.documents,
        lang=answer.lang,
        trace_id=UUID(answer.provenance["trace_id"]) if "trace_id" in answer.provenance else None,
        sentences=tuple(
            CheckedSentence(each.text, each.citations, each.support.value, each.score)
            for each in answer.sentences
        ),
        contradictions=tuple(
            Contradiction(each.other.document_id, each.quote, each.is_in_force)
            for each in answer.conflicts
        ),
    )
