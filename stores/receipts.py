"""Erasures of documents: begun, finished, and told of by receipts."""

import builtins
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from stores import schema
from stores.access import Principal, Scope
from stores.database import Database
from stores.erasure import Quotes, erase
from stores.errors import UnknownReceipt
from stores.receipt_records import ErasureState, Receipt, as_receipt, receipt_row
from stores.records import Document

_receipts = schema.receipts.c


class Receipts:
    """The receipts of all tenants.

    A writer reads those of documents that it might read or asked to erase, an administrator all of
    the tenant.
    """

    def __init__(self, database: Database, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def begin(
        self, documents: Iterable[Document], *, user: str, days: int
    ) -> builtins.list[Receipt]:
        """Write down that documents are to be erased; one that is pending already keeps its own.

        Parameters
        ----------
        days
            How long the receipts are kept.
        """
        now = self._clock()
        with self._database.write() as connection:
            return [
                _pending_of(connection, document.id)
                or _insert(
                    connection,
                    Receipt(
                        id=uuid4(),
                        tenant=document.tenant,
                        document_id=document.id,
                        user=user,
                        groups=document.groups,
                        asked_at=now,
                        kept_until=now + timedelta(days=days),
                    ),
                )
                for document in documents
            ]

    def remove_document(self, receipt: Receipt, *, points: int, quotes: Quotes) -> Receipt:
        """Remove the document from the catalog with what was written from it, once.

        From then on nobody sees it; an erasure that was interrupted goes on behind this.
        """
        with self._database.write() as connection:
            row = connection.execute(_one(receipt.id)).one()
            current = as_receipt(row)
            if current.removed is not None:
                return current
            removed = erase(connection, receipt.tenant, receipt.document_id, quotes=quotes)
            return _save(connection, replace(current, removed=replace(removed, points=points)))

    def postpone(self, receipt_ids: Collection[UUID], *, reason: str) -> None:
        """Say why erasures are pending; what else stands in their receipts stays."""
        query = update(schema.receipts).where(_receipts.id.in_(receipt_ids))
        with self._database.write() as connection:
            connection.execute(query.values(reason=reason))

    def update(self, receipt: Receipt) -> Receipt:
        """Save a receipt that was changed with `dataclasses.replace`, and return it."""
        with self._database.write() as connection:
            return _save(connection, receipt)

    def finish(self, receipt: Receipt) -> Receipt:
        """Save a receipt with its result, as finished now, and return it."""
        return self.update(replace(receipt, finished_at=self._clock(), reason=""))

    def pending(self) -> builtins.list[Receipt]:
        """Return the unfinished erasures of all tenants, oldest first."""
        query = select(schema.receipts).where(_receipts.state == ErasureState.PENDING)
        query = query.order_by(_receipts.asked_at, _receipts.id)
        with self._database.read() as connection:
            return [as_receipt(row) for row in connection.execute(query)]

    def read(self, receipt_ids: Iterable[UUID]) -> builtins.list[Receipt]:
        """Return receipts as they are now, in the order asked. No check: for whoever began them."""
        with self._database.read() as connection:
            return [as_receipt(connection.execute(_one(each)).one()) for each in receipt_ids]

    def pending_of(self, document_id: UUID, principal: Principal) -> Receipt | None:
        """Return the unfinished erasure of a document, if its receipt is the principal's."""
        with self._database.read() as connection:
            found = _pending_of(connection, document_id)
        if found is None or found.tenant != principal.tenant:
            return None
        return found if _may_read(principal, found) else None

    def get(self, receipt_id: UUID, principal: Principal) -> Receipt:
        """Return a receipt; raises `UnknownReceipt`, also where it is not the principal's."""
        query = select(schema.receipts).where(
            _receipts.id == receipt_id, _receipts.tenant == principal.tenant
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None or not _may_read(principal, as_receipt(row)):
            raise UnknownReceipt(f"no receipt {receipt_id}: it was due, or is not yours to read")
        return as_receipt(row)

    def list(self, principal: Principal, *, limit: int, offset: int = 0) -> builtins.list[Receipt]:
        """Return the receipts that the principal may read, the latest first."""
        query = (
            select(schema.receipts)
            .where(_receipts.tenant == principal.tenant)
            .order_by(_receipts.asked_at.desc(), _receipts.id)
        )
        with self._database.read() as connection:
            every = map(as_receipt, connection.execute(query))
            seen = (each for each in every if _may_read(principal, each))
            return builtins.list(islice(seen, offset, offset + limit))

    def purge(self, *, now: datetime) -> int:
        """Erase the receipts that are due, but none that is pending; return how many they were."""
        query = delete(schema.receipts).where(
            _receipts.kept_until < now, _receipts.state != ErasureState.PENDING
        )
        with self._database.write() as connection:
            return connection.execute(query).rowcount


def _may_read(principal: Principal, receipt: Receipt) -> bool:
    if Scope.ADMIN in principal.scopes or receipt.user == principal.user:
        return True
    return not principal.groups.isdisjoint(receipt.groups)


def _one(receipt_id: UUID) -> Select[Any]:
    return select(schema.receipts).where(_receipts.id == receipt_id)


def _pending_of(connection: Connection, document_id: UUID) -> Receipt | None:
    query = select(schema.receipts).where(
        _receipts.document_id == document_id, _receipts.state == ErasureState.PENDING
    )
    row: Row[Any] | None = connection.execute(query).first()
    return None if row is None else as_receipt(row)


def _insert(connection: Connection, receipt: Receipt) -> Receipt:
    connection.execute(insert(schema.receipts), [receipt_row(receipt)])
    return receipt


def _save(connection: Connection, receipt: Receipt) -> Receipt:
    query = update(schema.receipts).where(_receipts.id == receipt.id)
    connection.execute(query.values(receipt_row(receipt)))
    return receipt
