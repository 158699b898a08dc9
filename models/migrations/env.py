"""What Alembic runs: the wanted revisions, on the connection and in the transaction that `moving` has opened."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
