"""Alembic's environment: runs the revisions on the connection that the catalog hands over."""

from alembic import context

from stores import schema

context.configure(
    connection=context.config.attributes["connection"], target_metadata=schema.metadata
)
with context.begin_transaction():
    context.run_migrations()
