"""the import of what was there before the install"""

import sqlalchemy as sa
from alembic import op

import recovery.columns

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

_MOMENT = recovery.columns.Moment(timezone=True)
_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table(
        'history_imports',
        sa.Column('id', _ID, nullable=False),
        sa.Column('shop_id', _ID, nullable=False),
        sa.Column('what', sa.String(length=8), nullable=False),
        sa.Column('since', _MOMENT, nullable=False),
        sa.Column('until', _MOMENT, nullable=False),
        sa.Column('cursor', sa.Text(), nullable=True),
        sa.Column('expected', sa.Integer(), nullable=True),
        sa.Column('seen', sa.Integer(), nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('error', sa.String(length=300), nullable=True),
        sa.Column('begun_at', _MOMENT, nullable=True),
        sa.Column('ended_at', _MOMENT, nullable=True),
        sa.Column('try_at', _MOMENT, nullable=True),
        sa.Column('handed_out_at', _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(['shop_id'], ['shops.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('shop_id', 'what'),
    )
    op.create_index(
        'ix_history_imports_due',
        'history_imports',
        ['try_at'],
        unique=False,
        sqlite_where=sa.text('try_at IS NOT NULL'),
        postgresql_where=sa.text('try_at IS NOT NULL'),
    )

def downgrade() -> None:
    op.drop_index('ix_history_imports_due', table_name='history_imports')
    op.drop_table('history_imports')
