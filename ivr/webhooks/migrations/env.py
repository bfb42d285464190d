"""Run by Alembic: migrates over the connection, inside the transaction, that `ivr.database.migrate` gives."""

from __future__ import annotations

from alembic import context

from ivr.webhooks.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
