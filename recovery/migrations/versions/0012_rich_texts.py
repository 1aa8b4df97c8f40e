"""texts as MMS or RCS cards"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('accounts', sa.Column('rich', sa.Text(), nullable=False, server_default=''))
    op.add_column('accounts', sa.Column('rcs_agent', sa.String(length=80), nullable=True))
    op.add_column('reminders', sa.Column('rich', sa.String(length=4), nullable=True))
    op.add_column('reminders', sa.Column('rich_id', sa.String(length=80), nullable=True))


def downgrade() -> None:
    op.drop_column('reminders', 'rich_id')
    op.drop_column('reminders', 'rich')
    op.drop_column('accounts', 'rcs_agent')
    op.drop_column('accounts', 'rich')
