"""when a plugin was seen"""

import sqlalchemy as sa
from alembic import op

import recovery.columns

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

_MOMENT = recovery.columns.Moment(timezone=True)


def upgrade() -> None:
    op.add_column('shops', sa.Column('plugin_seen_at', _MOMENT, nullable=True))

def downgrade() -> None:
    op.drop_column('shops', 'plugin_seen_at')
