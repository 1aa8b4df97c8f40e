"""other addresses of a shop, and indexes to count new numbers and orders of an hour"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('shops', sa.Column('other_addresses', sa.Text(), nullable=False, server_default=''))
    op.create_index('ix_orders_placed', 'orders', ['shop_id', 'placed_at'])
    op.create_index('ix_requests_recorded', 'requests', ['shop_id', 'recorded_at'])


def downgrade() -> None:
    op.drop_index('ix_requests_recorded', 'requests')
    op.drop_index('ix_orders_placed', 'orders')
    op.drop_column('shops', 'other_addresses')
