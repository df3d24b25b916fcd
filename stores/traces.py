"""Traces: what an answer was made of, so that it can be made again.

A trace holds text of the documents that its answer was made from, and lives no longer than they do:
`stores.erasure` erases it in the transaction that removes a document.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, func, insert, or_, select

from stores import schema
from stores.access import Principal, Scope
from stores.database import Database
from stores.errors import UnknownTrace
from stores.trace_records import Trace, TracedPassage
from stores.trace_rows import as_trace, passage_row, trace_row

REWRITTEN_BY_MODEL = "model"
_traces = schema.traces.c
_passages = schema.trace_passages.c
_documents = schema.documents.c
_chunks = schema.chunks.c


@dataclass(frozen=True, slots=True)
class Retention:
    """How long traces are kept, and how much room those of one tenant may take."""

    days: int
    bytes_per_tenant: int


class Traces:
    """The traces of all tenants; only an administrator of the tenant reads them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, trace: Trace, retention: Retention) -> bool:
        """Keep a trace and let go of those that are due; tell whether it was kept.

        It is not if one of its documents was replaced or removed since it was read: the removal
        of it, which would erase the trace, may be over.
        """
        with self._database.write() as connection:
            passages = [_as_it_stands(connection, each) for each in trace.passages]
            if not all(each.sha256 for each in passages):
                return False
            connection.execute(insert(schema.traces), [trace_row(trace)])
            if passages:
                rows = [passage_row(trace.id, each) for each in passages]
                connection.execute(insert(schema.trace_passages), rows)
            _purge(connection, before=trace.asked_at - timedelta(days=retention.days))
            _make_room(connection, trace.tenant, retention.bytes_per_tenant)
        return True

    def purge(self, *, now: datetime, days: int) -> None:
        """Erase the traces of all tenants that are older than that."""
        with self._database.write() as connection:
            _purge(connection, before=now - timedelta(days=days))

    def get(self, trace_id: UUID, principal: Principal) -> Trace:
        """Return a trace of the principal's tenant.

        Raises `UnknownTrace`, whether it does not exist, is another tenant's, or the principal is
        no administrator.
        """
        query = select(schema.traces).where(
            _traces.id == trace_id, _traces.tenant == principal.tenant
        )
        with self._database.read() as connection:
            row = connection.execute(query).first() if _may_read(principal) else None
            if row is None:
                raise UnknownTrace(
                    f"no trace {trace_id}: it was erased with a document or was due, or its id or "
                    "its tenant is another"
                )
            return _load(connection, row)

    def last_written(
        self, principal: Principal, *, limit: int, before: datetime | None = None
    ) -> list[Trace]:
        """Return the newest traces of answers that a model wrote, those from the cache left out.

        With `before`, the newest of those that are older. Raises `UnknownTrace` if the principal is
        no administrator.
        """
        if not _may_read(principal):
            raise UnknownTrace(f"no traces for {principal.user}: it takes an administrator")
        query = (
            select(schema.traces)
            .where(
                _traces.tenant == principal.tenant,
                _traces.model_call.is_not(None),
                _traces.cached.is_(False),
            )
            .order_by(_traces.asked_at.desc(), _traces.id)
            .limit(limit)
        )
        if before is not None:
            query = query.where(_traces.asked_at < before)
        with self._database.read() as connection:
            return [_load(connection, row) for row in connection.execute(query).all()]

    def passage_today(self, passage: TracedPassage) -> TracedPassage | None:
        """Return a passage as the catalog has it now; None if the document was removed.

        Of another revision there is only its number, and no hash.
        """
        query = select(_documents.revision).where(_documents.id == passage.document_id)
        with self._database.read() as connection:
            revision = connection.scalar(query)
            if revision is None:
                return None
            return replace(_as_it_stands(connection, passage), revision=revision)


def erase_traces_of(connection: Connection, tenant: str, document_id: UUID) -> int:
    """Erase what holds text of a document that is removed in this transaction; return how many.

    A follow-up that the model wrote out may hold words of earlier answers, and nobody knows from
    which documents these are: such traces go with the first document that is removed.
    """
    holding = select(_passages.trace_id).where(_passages.document_id == document_id)
    of_text = or_(_traces.id.in_(holding), _traces.understood_by == REWRITTEN_BY_MODEL)
    query = delete(schema.traces).where(_traces.tenant == tenant, of_text)
    return connection.execute(query).rowcount


def _may_read(principal: Principal) -> bool:
    return Scope.ADMIN in principal.scopes


def _as_it_stands(connection: Connection, passage: TracedPassage) -> TracedPassage:
    """Return the passage with the hash of its chunks in the catalog; "" if one is not there."""
    query = select(_chunks.id, _chunks.text).where(
        _chunks.document_id == passage.document_id, _chunks.id.in_(passage.chunk_ids)
    )
    texts = {row.id: row.text for row in connection.execute(query)}
    if texts.keys() != set(passage.chunk_ids):
        return replace(passage, sha256="")
    hashed = hashlib.sha256(json.dumps([texts[each] for each in passage.chunk_ids]).encode())
    return replace(passage, sha256=hashed.hexdigest())


def _purge(connection: Connection, *, before: datetime) -> None:
    connection.execute(delete(schema.traces).where(_traces.asked_at < before))


def _make_room(connection: Connection, tenant: str, limit_bytes: int) -> None:
    """Erase the oldest traces of a tenant until the others fit."""
    sizes = select(func.sum(_traces.size_bytes)).where(_traces.tenant == tenant)
    if (connection.scalar(sizes) or 0) <= limit_bytes:
        return
    newer = func.sum(_traces.size_bytes).over(order_by=(_traces.asked_at.desc(), _traces.id))
    summed = select(_traces.id, newer.label("bytes")).where(_traces.tenant == tenant).subquery()
    beyond = select(summed.c.id).where(summed.c.bytes > limit_bytes)
    connection.execute(delete(schema.traces).where(_traces.id.in_(beyond)))


def _load(connection: Connection, row: Row[Any]) -> Trace:
    query = (
        select(schema.trace_passages).where(_passages.trace_id == row.id).order_by(_passages.number)
    )
    return as_trace(row, connection.execute(query).all())
