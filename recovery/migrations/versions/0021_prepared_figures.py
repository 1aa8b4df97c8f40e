"""figures counted beforehand, and days that a merchant marked"""

import sqlalchemy as sa
from alembic import op
import recovery.columns

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = recovery.columns.Moment(timezone=True)


def upgrade() -> None:
    op.create_table(
        'marks',
        sa.Column('id', _ID, nullable=False),
        sa.Column('shop_id', _ID, nullable=False),
        sa.Column('day', sa.String(length=10), nullable=False),
        sa.Column('words', sa.String(length=200), nullable=False),
        sa.Column('member_id', _ID, nullable=True),
        sa.Column('at', _MOMENT, nullable=False),
        sa.Column('removed_at', _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_marks_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_marks')),
    )
    op.create_index('ix_marks_day', 'marks', ['shop_id', 'day'], unique=False)
    op.create_table(
        'prepared_figures',
        sa.Column('id', _ID, nullable=False),
        sa.Column('shop_id', _ID, nullable=False),
        sa.Column('what', sa.String(length=12), nullable=False),
        sa.Column('period', sa.String(length=24), nullable=False),
        sa.Column('asked_at', _MOMENT, nullable=False),
        sa.Column('due_at', _MOMENT, nullable=True),
        sa.Column('handed_out_at', _MOMENT, nullable=True),
        sa.Column('partial', sa.Text(), nullable=True),
        sa.Column('figures', sa.Text(), nullable=True),
        sa.Column('as_of', _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ['shop_id'], ['shops.id'], name=op.f('fk_prepared_figures_shop_id')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_prepared_figures')),
        sa.UniqueConstraint(
            'shop_id', 'what', 'period', name=op.f('uq_prepared_figures_shop_id_what_period')
        ),
    )
    op.create_index(
        'ix_prepared_figures_due',
        'prepared_figures',
        ['due_at'],
        unique=False,
        sqlite_where=sa.text('due_at IS NOT NULL'),
        postgresql_where=sa.text('due_at IS NOT NULL'),
    )


def downgrade() -> None:
    op.drop_index(
        'ix_prepared_figures_due',
        table_name='prepared_figures',
        sqlite_where=sa.text('due_at IS NOT NULL'),
        postgresql_where=sa.text('due_at IS NOT NULL'),
    )
    op.drop_table('prepared_figures')
    op.drop_index('ix_marks_day', table_name='marks')
    op.drop_table('marks')
