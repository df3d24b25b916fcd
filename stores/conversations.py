"""Conversations: what was asked and answered, kept for the one who asked."""

import builtins
import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update

from stores import schema
from stores.access import Principal, access_filter
from stores.conversation_records import (
    Conversation,
    Exchange,
    KeptExchange,
    Summary,
    as_conversation,
    as_kept,
    conversation_row,
    exchange_row,
    summary_row,
)
from stores.database import Database
from stores.document_queries import visible
from stores.errors import UnknownConversation

_TITLE_CHARACTERS = 80
_conversations = schema.conversations.c
_turns = schema.turns.c
_documents = schema.documents.c
_logger = logging.getLogger("zhiku.stores")


class Conversations:
    """The conversations of all tenants; each belongs to a tenant and a user.

    A conversation of somebody else is reported exactly as one that is not there. Every read looks
    up which documents the reader may see now: what was written from others is not given out.
    """

    def __init__(self, database: Database, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def create(self, principal: Principal) -> Conversation:
        """Begin a conversation of the principal and return it."""
        now = self._clock()
        begun = Conversation(uuid4(), principal.tenant, principal.user, "", now, now)
        with self._database.write() as connection:
            connection.execute(insert(schema.conversations), [conversation_row(begun)])
        return begun

    def list(
        self, principal: Principal, *, limit: int, offset: int = 0, words: Sequence[str] = ()
    ) -> builtins.list[Conversation]:
        """Return the conversations of the principal, the last one used first.

        Each of the words stands in the title or in a question, case aside. Answers are not looked
        at: they may hold what the principal may not see any more.
        """
        query = (
            select(schema.conversations)
            .where(_own(principal), *map(_mentions, words))
            .order_by(_conversations.updated_at.desc(), _conversations.id)
            .limit(limit)
            .offset(offset)
        )
        with self._database.read() as connection:
            found = [as_conversation(row) for row in connection.execute(query)]
            return _seen(connection, found, principal)

    def get(self, conversation_id: UUID, principal: Principal) -> Conversation:
        """Return a conversation of the principal; raises `UnknownConversation`."""
        with self._database.read() as connection:
            return _get(connection, conversation_id, principal)

    def rename(self, conversation_id: UUID, principal: Principal, title: str) -> Conversation:
        """Give a conversation another title and return it; raises `UnknownConversation`."""
        renaming = update(schema.conversations).where(_one(conversation_id, principal))
        with self._database.write() as connection:
            connection.execute(renaming.values(title=title))
            return _get(connection, conversation_id, principal)

    def exchanges(
        self, conversation_id: UUID, principal: Principal, *, limit: int, offset: int = 0
    ) -> builtins.list[KeptExchange]:
        """Return exchanges in the order of asking; raises `UnknownConversation`."""
        query = (
            select(schema.turns)
            .where(_turns.conversation_id == conversation_id)
            .order_by(_turns.ordinal)
            .limit(limit)
            .offset(offset)
        )
        with self._database.read() as connection:
            _get(connection, conversation_id, principal)
            kept = [as_kept(row) for row in connection.execute(query)]
            wanted = {each for one in kept for each in one.exchange.documents}
            seen = _visible(connection, wanted, principal)
        return [each if each.exchange.documents <= seen else each.without_answer() for each in kept]

    def count(self, conversation_id: UUID, principal: Principal) -> int:
        """Return how many exchanges a conversation has; raises `UnknownConversation`."""
        with self._database.read() as connection:
            _get(connection, conversation_id, principal)
            return _count(connection, conversation_id)

    def add(self, conversation_id: UUID, principal: Principal, exchange: Exchange) -> None:
        """Put an exchange behind the others; raises `UnknownConversation`.

        Of one with words of a document that was removed while it was answered, the question alone.
        """
        now = self._clock()
        with self._database.write() as connection:
            found = _get(connection, conversation_id, principal)
            if _are_gone(connection, exchange.documents):
                exchange = exchange.bare()
            changed = {
                "title": found.title or _shortened(exchange.question),
                "updated_at": now,
            }
            connection.execute(
                update(schema.conversations).where(_one(conversation_id, principal)).values(changed)
            )
            row = exchange_row(exchange)
            row |= {
                "conversation_id": conversation_id,
                "ordinal": _count(connection, conversation_id) + 1,
                "asked_at": now,
            }
            connection.execute(insert(schema.turns), [row])

    def summarise(
        self, conversation_id: UUID, principal: Principal, *, before: Summary, after: Summary
    ) -> bool:
        """Put a summary in the place of the one it goes on from.

        Returns False, with nothing changed, if the conversation or a document that the summary may
        hold words of is gone, or somebody else was faster.
        """
        query = (
            update(schema.conversations)
            .where(_one(conversation_id, principal), _conversations.summarised == before.turns)
            .values(summary_row(after))
        )
        with self._database.write() as connection:
            if _are_gone(connection, after.documents):
                return False
            return connection.execute(query).rowcount == 1

    def erase(self, conversation_id: UUID, principal: Principal) -> None:
        """Remove a conversation with the traces of its answers, also from the files' free space.

        Raises `UnknownConversation`.
        """
        with self._database.write() as connection:
            _erase_traces(connection, _one(conversation_id, principal))
            query = delete(schema.conversations).where(_one(conversation_id, principal))
            if not connection.execute(query).rowcount:
                raise _unknown(conversation_id)
        self._wipe()

    def erase_all(self, principal: Principal) -> int:
        """Remove all conversations of the principal, as `erase` does; return how many they were."""
        with self._database.write() as connection:
            _erase_traces(connection, _own(principal))
            query = delete(schema.conversations).where(_own(principal))
            erased = connection.execute(query).rowcount
        self._wipe()
        return erased

    def purge(self, *, before: datetime) -> int:
        """Erase the conversations of all tenants that were last used before a moment, as `erase`.

        Return how many they were.
        """
        due = _conversations.updated_at < before
        with self._database.write() as connection:
            _erase_traces(connection, due)
            erased = connection.execute(delete(schema.conversations).where(due)).rowcount
        if erased:
            self._wipe()
        return erased

    def _wipe(self) -> None:
        if not self._database.empty_log():
            _logger.warning(
                "conversations were erased, but readers held the catalog's log: it holds their "
                "text until it is next emptied"
            )


def _erase_traces(connection: Connection, which: ColumnElement[bool]) -> None:
    """Erase the traces of the answers of conversations: they hold what was asked."""
    of_answers = (
        select(_turns.trace_id)
        .join(schema.conversations, _turns.conversation_id == _conversations.id)
        .where(which, _turns.trace_id.is_not(None))
    )
    connection.execute(delete(schema.traces).where(schema.traces.c.id.in_(of_answers)))


def _own(principal: Principal) -> ColumnElement[bool]:
    return (_conversations.tenant == principal.tenant) & (_conversations.user == principal.user)


def _one(conversation_id: UUID, principal: Principal) -> ColumnElement[bool]:
    return (_conversations.id == conversation_id) & _own(principal)


def _mentions(word: str) -> ColumnElement[bool]:
    in_question = (
        select(_turns.conversation_id)
        .where(
            _turns.conversation_id == _conversations.id,
            _turns.question.icontains(word, autoescape=True),
        )
        .exists()
    )
    return or_(_conversations.title.icontains(word, autoescape=True), in_question)


def _unknown(conversation_id: UUID) -> UnknownConversation:
    return UnknownConversation(
        f"no conversation {conversation_id}: it was erased, or is somebody else's"
    )


def _get(connection: Connection, conversation_id: UUID, principal: Principal) -> Conversation:
    query = select(schema.conversations).where(_one(conversation_id, principal))
    row = connection.execute(query).first()
    if row is None:
        raise _unknown(conversation_id)
    return _seen(connection, [as_conversation(row)], principal)[0]


def _count(connection: Connection, conversation_id: UUID) -> int:
    query = select(func.count()).where(_turns.conversation_id == conversation_id)
    return connection.scalar(query) or 0


def _visible(
    connection: Connection, documents: Iterable[UUID], principal: Principal
) -> frozenset[UUID]:
    """Return those of the documents that the principal may see now."""
    query = select(_documents.id).where(
        _documents.id.in_(documents), visible(access_filter(principal))
    )
    return frozenset(connection.scalars(query))


def _are_gone(connection: Connection, documents: Collection[UUID]) -> bool:
    """Tell whether one of the documents is not in the catalog any more."""
    present = select(func.count()).where(_documents.id.in_(documents))
    return connection.scalar(present) != len(documents)


def _seen(
    connection: Connection, conversations: builtins.list[Conversation], principal: Principal
) -> builtins.list[Conversation]:
    """Return the conversations without summaries of documents that may not be seen."""
    wanted = {each for one in conversations for each in one.summary.documents}
    seen = _visible(connection, wanted, principal)
    return [
        each
        if each.summary.documents <= seen
        else replace(each, summary=Summary(turns=each.summary.turns))
        for each in conversations
    ]


def _shortened(question: str) -> str:
    line = " ".join(question.split())
    return line if len(line) <= _TITLE_CHARACTERS else line[: _TITLE_CHARACTERS - 1] + "…"
