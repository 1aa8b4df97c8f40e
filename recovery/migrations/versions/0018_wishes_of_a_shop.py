"""what a shop wishes narrower than the law, and the name and key that its e-mails bear"""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

def _columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column('texts_from', sa.Integer(), nullable=True),
        sa.Column('texts_until', sa.Integer(), nullable=True),
        sa.Column('texts_on_sundays', sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column('texts_a_week', sa.Integer(), nullable=False, server_default='3'),
        sa.Column('sender_name', sa.String(length=60), nullable=False, server_default=''),
        sa.Column('dkim_selector', sa.String(length=63), nullable=False, server_default=''),
    )


def upgrade() -> None:
    for column in _columns():
        op.add_column('shops', column)


def downgrade() -> None:
    for column in reversed(_columns()):
        op.drop_column('shops', column.name)
