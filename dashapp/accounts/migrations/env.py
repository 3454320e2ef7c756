"""Run by Alembic. The connection comes from `Database.migrate`; by hand: `alembic` is not needed."""

from alembic import context

from dashapp.accounts.models import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, transactional_ddl=False)
context.run_migrations()
