"""The catalog's tables. `migrations/` makes them; a test keeps the two equal."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    Uuid,
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, kept in UTC; SQLite would forget the time zone and return a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"the catalog keeps no moment without a time zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that what was read is UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


# Every constraint has a name, so that a migration can change it on any database.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _document_reference(*, primary_key: bool = False) -> Column[object]:
    return Column(
        "document_id",
        Uuid,
        ForeignKey("documents.id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )


documents = Table(
    "documents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant", String(63), nullable=False),
    Column("uri", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("lang", String(8), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("series", Text, nullable=False, server_default=""),
    Column("effective_from", Date),
    Column("effective_to", Date),
    Column("published", Date),
    Column("doc_type", String(16), nullable=False, server_default="other"),
    Column("given", JSON, nullable=False, server_default="{}"),
    Column("described_by", String(64), nullable=False, server_default=""),
    Column("hidden", JSON, nullable=False, server_default="{}"),
    # Fingerprint of the company's words that the terms of its points were made with.
    Column("words", String(16), nullable=False, server_default=""),
    Index(None, "tenant", "uri", unique=True),
    Index(None, "tenant", "updated_at"),
    Index(None, "tenant", "series"),
    Index(None, "tenant", "sha256"),
)

document_signatures = Table(
    "document_signatures",
    metadata,
    _document_reference(primary_key=True),
    Column("version", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

document_bands = Table(
    "document_bands",
    metadata,
    Column("band", BigInteger, primary_key=True),
    _document_reference(primary_key=True),
    Index(None, "document_id"),
)

kept_duplicates = Table(
    "kept_duplicates",
    metadata,
    # No reference: a new revision deletes the document's row and makes it again. What was decided
    # holds as long as the bytes are those.
    Column("document_id", Uuid, primary_key=True),
    Column("sha256", String(64), nullable=False),
)

document_groups = Table(
    "document_groups",
    metadata,
    _document_reference(primary_key=True),
    Column("name", String(63), primary_key=True),
)

document_tags = Table(
    "document_tags",
    metadata,
    _document_reference(primary_key=True),
    Column("name", String(64), primary_key=True),
    Index(None, "name"),
)

blocks = Table(
    "blocks",
    metadata,
    _document_reference(primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("page", Integer),
    Column("heading_path", JSON, nullable=False),
    Column("recognised", JSON(none_as_null=True)),
)

chunks = Table(
    "chunks",
    metadata,
    Column("id", Uuid, primary_key=True),
    _document_reference(),
    Column("revision", Integer, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("context", Text, nullable=False),
    Column("heading_path", JSON, nullable=False),
    Column("pages", JSON, nullable=False),
    Column("spans", JSON, nullable=False),
    Column("tokens", Integer, nullable=False),
    Index(None, "document_id", "ordinal", unique=True),
)

keys = Table(
    "keys",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant", String(63), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("groups", JSON, nullable=False),
    Column("secret_sha256", String(64), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant", String(63), nullable=False),
    Column("user", Text, nullable=False),
    Column("document_id", Uuid, nullable=False),
    Column("uri", Text, nullable=False),
    Column("filename", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("groups", JSON, nullable=False),
    Column("given", JSON, nullable=False, server_default="{}"),
    Column("sidecar", Text, nullable=False, server_default=""),
    Column("state", String(16), nullable=False, index=True),
    Column("outcome", String(16)),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("reason", Text),
    Column("attempts", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(None, "tenant", "created_at"),
    Index(None, "document_id"),
)

lexicon = Table(
    "lexicon",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("entry", Text, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("equivalents", JSON, nullable=False),
)

# Raised with every change of a tenant's lexicon, so that readers know when to read it again.
lexicon_versions = Table(
    "lexicon_versions",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("version", Integer, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant", String(63), nullable=False),
    Column("user", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("summary", Text, nullable=False),
    Column("summarised", Integer, nullable=False),
    Column("summary_documents", JSON, nullable=False),
    Index(None, "tenant", "user", "updated_at"),
)

turns = Table(
    "turns",
    metadata,
    Column(
        "conversation_id",
        Uuid,
        ForeignKey("conversations.id", ondelete="CASCADE"),
        primary_key=True,
        nullable=False,
    ),
    Column("ordinal", Integer, primary_key=True),
    Column("question", Text, nullable=False),
    Column("understood", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("refusal", Boolean, nullable=False),
    Column("citations", JSON, nullable=False),
    # No reference: a document that is gone keeps what was written from it from being given out.
    Column("documents", JSON, nullable=False),
    Column("lang", String(8), nullable=False),
    # No reference: traces are erased by their age, too.
    Column("trace_id", Uuid),
    Column("sentences", JSON, nullable=False),
    Column("contradictions", JSON, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
)

# Raised with every change of what a tenant's questions are answered from, but for the lexicon.
content_versions = Table(
    "content_versions",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("version", Integer, nullable=False),
)

traces = Table(
    "traces",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant", String(63), nullable=False),
    Column("user", Text, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False, index=True),
    Column("asked", JSON, nullable=False),
    Column("understood_by", String(16), nullable=False),
    Column("model_call", JSON(none_as_null=True)),
    Column("text", Text, nullable=False),
    Column("refusal", Boolean, nullable=False),
    Column("degraded", Boolean, nullable=False),
    Column("cached", Boolean, nullable=False),
    Column("provenance", JSON, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    # The size is in it, so that the sum of a tenant's needs no row.
    Index(None, "tenant", "asked_at", "size_bytes"),
)

trace_passages = Table(
    "trace_passages",
    metadata,
    Column("trace_id", Uuid, ForeignKey("traces.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    # No reference: a new revision of a document deletes its row and makes it again.
    Column("document_id", Uuid, nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("chunk_ids", JSON, nullable=False),
    Column("sha256", String(64), nullable=False),
)

# What was erased, and how that was checked. No text, and no uri: the id of a document is made of
# the tenant's name and the uri, so that who knows these finds its receipt.
receipts = Table(
    "receipts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant", String(63), nullable=False),
    # No reference: the document is gone.
    Column("document_id", Uuid, nullable=False, index=True),
    Column("user", Text, nullable=False),
    Column("groups", JSON, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("kept_until", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("state", String(16), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("removed", JSON(none_as_null=True)),
    Column("searched", JSON(none_as_null=True)),
    Column("finds", JSON, nullable=False),
    Index(None, "tenant", "asked_at"),
)
