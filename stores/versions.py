"""The version of what a tenant's questions are answered from."""

from sqlalchemy import Connection, insert, select, update

from stores import schema
from stores.database import Database

_contents = schema.content_versions.c
_lexicons = schema.lexicon_versions.c


class Versions:
    """Tells whether anything has changed that an answer may depend on.

    That is a document, its revision, its groups, what describes it, the words that it was indexed
    with, or the lexicon. Every method of the catalog that changes one of these raises the version
    in the same transaction, so that whoever reads the new version sees the change.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, tenant: str) -> str:
        """Return the version; two that are equal stand for the same content.

        Raises
        ------
        CatalogUnavailable
        """
        contents = select(_contents.version).where(_contents.tenant == tenant)
        lexicons = select(_lexicons.version).where(_lexicons.tenant == tenant)
        query = select(contents.scalar_subquery(), lexicons.scalar_subquery())
        with self._database.read() as connection:
            content, lexicon = connection.execute(query).one()
        return f"{content or 0}.{lexicon or 0}"


def raise_version(connection: Connection, tenant: str) -> None:
    """Tell that the content of a tenant changes in this transaction."""
    raised = update(schema.content_versions).where(_contents.tenant == tenant)
    if not connection.execute(raised.values(version=_contents.version + 1)).rowcount:
        connection.execute(insert(schema.content_versions), [{"tenant": tenant, "version": 1}])
