"""the products that an offer's code leaves out, as they were when it was decided"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('offers', sa.Column('left_out', sa.Text(), nullable=False, server_default='[]'))


def downgrade() -> None:
    op.drop_column('offers', 'left_out')
