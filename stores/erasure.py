"""Removing a document from the catalog with all that was written from it, in one transaction."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Connection, String, cast, delete, func, select, update

from stores import schema
from stores.jobs import JobState
from stores.receipt_records import Removed
from stores.traces import erase_traces_of
from stores.versions import raise_version

Quotes = Callable[[str], bool]
"""Tells whether a text has a piece of the document in it."""

BLANK = "…"
"""What is put in the place of a question that quotes the document."""

_NO_ANSWER: dict[str, object] = {
    "understood": "",
    "answer": "",
    "citations": [],
    "sentences": [],
    "contradictions": [],
    "trace_id": None,
}
_conversations = schema.conversations.c
_turns = schema.turns.c
_traces = schema.traces.c
_jobs = schema.jobs.c


def erase(connection: Connection, tenant: str, document_id: UUID, *, quotes: Quotes) -> Removed:
    """Remove a document, and what holds its text; what is not there is no error."""
    raise_version(connection, tenant)
    traces = erase_traces_of(connection, tenant, document_id)
    traces += _erase_quoting_traces(connection, tenant, quotes)
    exchanges = _empty_exchanges(connection, tenant, document_id)
    exchanges += _empty_quoting_exchanges(connection, tenant, document_id, quotes)
    _empty_quoting_titles(connection, tenant, quotes)
    removed = Removed(
        chunks=_count(connection, schema.chunks.c.document_id == document_id),
        blocks=_count(connection, schema.blocks.c.document_id == document_id),
        traces=traces,
        exchanges=exchanges,
        summaries=_empty_summaries(connection, tenant, document_id),
        jobs=_erase_jobs(connection, document_id),
    )
    connection.execute(delete(schema.documents).where(schema.documents.c.id == document_id))
    kept = schema.kept_duplicates.c.document_id
    connection.execute(delete(schema.kept_duplicates).where(kept == document_id))
    return removed


def _count(connection: Connection, condition: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).where(condition)) or 0


def _holds(documents: Column[Any], document_id: UUID) -> ColumnElement[bool]:
    # The ids stand in the column as JSON; no id is a part of another.
    return cast(documents, String).contains(str(document_id))


def _of_tenant(tenant: str) -> ColumnElement[bool]:
    own = select(_conversations.id).where(_conversations.tenant == tenant)
    return _turns.conversation_id.in_(own)


def _empty_exchanges(connection: Connection, tenant: str, document_id: UUID) -> int:
    """Leave nothing but the question of the exchanges whose answers may hold words of it.

    The ids of their documents stay, by which they are withheld from every reader.
    """
    query = update(schema.turns).where(_of_tenant(tenant), _holds(_turns.documents, document_id))
    return connection.execute(query.values(_NO_ANSWER)).rowcount


def _empty_summaries(connection: Connection, tenant: str, document_id: UUID) -> int:
    query = update(schema.conversations).where(
        _conversations.tenant == tenant,
        _conversations.summary != "",
        _holds(_conversations.summary_documents, document_id),
    )
    return connection.execute(query.values(summary="")).rowcount


def _empty_quoting_exchanges(
    connection: Connection, tenant: str, document_id: UUID, quotes: Quotes
) -> int:
    """Empty what the document was copied into without being named as a source: and withhold it."""
    found = [
        row
        for row in connection.execute(select(schema.turns).where(_of_tenant(tenant)))
        if any(map(quotes, (row.question, row.understood, row.answer)))
    ]
    for row in found:
        one = (_turns.conversation_id == row.conversation_id) & (_turns.ordinal == row.ordinal)
        emptied: dict[str, object] = {
            **_NO_ANSWER,
            "question": BLANK if quotes(row.question) else row.question,
            "documents": sorted({*row.documents, str(document_id)}),
        }
        connection.execute(update(schema.turns).where(one).values(emptied))
    return len(found)


def _empty_quoting_titles(connection: Connection, tenant: str, quotes: Quotes) -> None:
    titles = select(_conversations.id, _conversations.title).where(_conversations.tenant == tenant)
    for row in connection.execute(titles).all():
        if quotes(row.title):
            query = update(schema.conversations).where(_conversations.id == row.id)
            connection.execute(query.values(title=BLANK))


def _erase_quoting_traces(connection: Connection, tenant: str, quotes: Quotes) -> int:
    query = select(_traces.id, _traces.asked).where(_traces.tenant == tenant)
    quoting = [
        row.id
        for row in connection.execute(query)
        if quotes(json.dumps(row.asked, ensure_ascii=False))
    ]
    for trace_id in quoting:
        connection.execute(delete(schema.traces).where(_traces.id == trace_id))
    return len(quoting)


def _erase_jobs(connection: Connection, document_id: UUID) -> int:
    """Erase the jobs that are over; they have the name of the file and what was said of it."""
    over = _jobs.state.in_([state for state in JobState if state.is_final])
    query = delete(schema.jobs).where(_jobs.document_id == document_id, over)
    return connection.execute(query).rowcount
