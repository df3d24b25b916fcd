"""What near-duplicates of documents are found by, and which of them are to stay."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, or_, select

from stores import schema
from stores.access import AccessFilter
from stores.database import Database
from stores.document_queries import select_documents, visible
from stores.records import Document
from stores.rows import as_document
from stores.versions import raise_version

_documents = schema.documents.c
_signatures = schema.document_signatures.c
_bands = schema.document_bands.c
_kept = schema.kept_duplicates.c


@dataclass(frozen=True, slots=True)
class Signature:
    """What stands for the text of a document when it is compared with others.

    Attributes
    ----------
    version
        Of the way in which it was made; only signatures of one version are compared.
    data
        Empty for a text without words.
    bands
        Keys of 64 bits; documents that are much alike have one in common.
    """

    version: int
    data: bytes
    bands: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """A document with its signature.

    Attributes
    ----------
    version
        Of the signature; None where there is none.
    data
        Of the signature; empty where there is none, or no word in the text.
    kept
        Whether somebody decided to keep it beside its near-duplicates.
    """

    document: Document
    version: int | None
    data: bytes
    kept: bool


class Signatures:
    """The signatures of the documents of all tenants."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def unsigned(self, version: int, *, after: UUID | None = None, limit: int) -> list[Document]:
        """Return documents of all tenants without a signature of the version, by id."""
        signed = select(_signatures.document_id).where(_signatures.version == version)
        query = select_documents().where(_documents.id.not_in(signed))
        if after is not None:
            query = query.where(_documents.id > after)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(_documents.id).limit(limit)).all()
        return [as_document(row) for row in rows]

    def sign(self, document: Document, signature: Signature) -> None:
        """Keep the signature of a revision; of one that is no longer current, do nothing."""
        current = select(_documents.id).where(
            _documents.id == document.id, _documents.revision == document.revision
        )
        with self._database.write() as connection:
            if connection.execute(current).first() is not None:
                raise_version(connection, document.tenant)
                write_signature(connection, document.id, signature)

    def of(self, ids: Collection[UUID]) -> list[SignedDocument]:
        """Return documents with their signatures. No access check: for those that passed one."""
        return self._read(_signed().where(_documents.id.in_(ids)))

    def alike(self, access: AccessFilter) -> list[SignedDocument]:
        """Return the visible documents that are the same as, or may be like, any other one."""
        shared = select(_bands.band).group_by(_bands.band).having(func.count() > 1)
        hashes = (
            select(_documents.sha256)
            .where(_documents.tenant == access.tenant)
            .group_by(_documents.sha256)
            .having(func.count() > 1)
        )
        return self._read(_signed().where(visible(access), _matches(shared, hashes)))

    def like(self, document_id: UUID, access: AccessFilter) -> list[SignedDocument]:
        """Return the visible documents that are the same as this one, or may be like it."""
        own = select(_bands.band).where(_bands.document_id == document_id)
        sha256 = select(_documents.sha256).where(_documents.id == document_id)
        return self._read(
            _signed().where(visible(access), _documents.id != document_id, _matches(own, sha256))
        )

    def keep(self, ids: Sequence[UUID], access: AccessFilter) -> list[Document]:
        """Decide that visible documents stay beside their near-duplicates; return those.

        It holds until other bytes take their place.
        """
        query = select_documents().where(visible(access), _documents.id.in_(ids))
        with self._database.write() as connection:
            found = [as_document(row) for row in connection.execute(query).all()]
            if found:
                raise_version(connection, access.tenant)
                _keep(connection, found)
        return found

    def _read(self, query: Select[Any]) -> list[SignedDocument]:
        with self._database.read() as connection:
            return [_signed_document(row) for row in connection.execute(query)]


def write_signature(connection: Connection, document_id: UUID, signature: Signature) -> None:
    """Put a signature in the place of the one before, if there is one."""
    for table in (schema.document_signatures, schema.document_bands):
        connection.execute(delete(table).where(table.c.document_id == document_id))
    row = {"document_id": document_id, "version": signature.version, "data": signature.data}
    connection.execute(insert(schema.document_signatures), [row])
    rows = [{"band": band, "document_id": document_id} for band in {*signature.bands}]
    if rows:
        connection.execute(insert(schema.document_bands), rows)


def _signed() -> Select[Any]:
    return (
        select_documents()
        .add_columns(
            _signatures.version,
            _signatures.data,
            _kept.document_id.is_not(None).label("kept"),
        )
        .outerjoin(schema.document_signatures, _signatures.document_id == _documents.id)
        .outerjoin(
            schema.kept_duplicates,
            (_kept.document_id == _documents.id) & (_kept.sha256 == _documents.sha256),
        )
    )


def _matches(bands: Select[Any], hashes: Select[Any]) -> ColumnElement[bool]:
    of_bands = select(_bands.document_id).where(_bands.band.in_(bands))
    return or_(_documents.id.in_(of_bands), _documents.sha256.in_(hashes))


def _keep(connection: Connection, documents: Sequence[Document]) -> None:
    ids = [document.id for document in documents]
    connection.execute(delete(schema.kept_duplicates).where(_kept.document_id.in_(ids)))
    rows = [{"document_id": each.id, "sha256": each.sha256} for each in documents]
    connection.execute(insert(schema.kept_duplicates), rows)


def _signed_document(row: Row[Any]) -> SignedDocument:
    return SignedDocument(as_document(row), row.version, row.data or b"", bool(row.kept))
