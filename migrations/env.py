"""How `flask db` runs the migrations: on the application's own engine, each upgrade in one transaction."""

from alembic import context
from flask import current_app

import crm.models  # noqa: F401  (every table has to be known)
from crm.operate.start import say_what_is_worked_on

database = current_app.extensions["migrate"].db

say_what_is_worked_on()
with database.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        render_as_batch=True,
        user_module_prefix="types.",
    )
    with context.begin_transaction():
        context.run_migrations()
