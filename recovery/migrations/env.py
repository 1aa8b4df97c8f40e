"""Run the migrations against the URL that `recovery.database.upgrade` hands in."""

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from recovery.database import LOCKED, InUse
from recovery.tables import metadata

url = context.config.attributes["url"]
# On PostgreSQL a change of a table waits for whoever reads or writes it, and all others queue
# behind it. So it waits for a moment only: nothing is changed then, and nobody is held up.
patience = context.config.attributes.get("patience", 5.0)
waits = {"options": f"-c lock_timeout={round(patience * 1000)}"}
engine = create_engine(url, connect_args=waits if url.startswith("postgresql") else {})
try:
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()
except OperationalError as error:
    if getattr(error.orig, "sqlstate", None) == LOCKED:
        raise InUse from error
    raise
finally:
    engine.dispose()
