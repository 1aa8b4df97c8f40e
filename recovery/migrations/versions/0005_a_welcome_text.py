"""a welcome text with the shop's code, and what the shop last said of that code"""

import sqlalchemy as sa
from alembic import op
import recovery.columns

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

_MOMENT = recovery.columns.Moment(timezone=True)


def upgrade() -> None:
    # No batches: a column more is no copy of the table, on either database.
    op.add_column('shops', sa.Column('welcome_code', sa.String(length=40), nullable=False, server_default=''))
    op.add_column('shops', sa.Column('code_read', sa.String(length=40), nullable=True))
    op.add_column('shops', sa.Column('code_works', sa.Boolean(), nullable=True))
    op.add_column('shops', sa.Column('code_read_at', _MOMENT, nullable=True))
    op.add_column('reminders', sa.Column('code', sa.String(length=40), nullable=True))


def downgrade() -> None:
    op.drop_column('reminders', 'code')
    for name in ('code_read_at', 'code_works', 'code_read', 'welcome_code'):
        op.drop_column('shops', name)
