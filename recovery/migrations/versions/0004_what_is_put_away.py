"""what is put away in time, and texts that were asked for past reminders that are held"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

_WAITS = "state = 'scheduled' AND handed_out_at IS NULL AND cart_id IS NULL"
#: (table, name, columns, the rows it is of)
_INDEXES = (
    ('reminders', 'ix_reminders_asked', ['shop_id', 'due_at', 'latest_at'], _WAITS),
    ('requests', 'ix_requests_ended', ['ended_at'], 'ended_at IS NOT NULL'),
    ('requests', 'ix_requests_nameless', ['id'], "ended_because = 'erased'"),
    ('carts', 'ix_carts_nobodys', ['recorded_at'], "sources = 'cart'"),
)


def upgrade() -> None:
    for table, name, columns, only in _INDEXES:
        where = sa.text(only)
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for table, name, _, _ in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
