"""alerts by e-mail, and an index of what left"""

import sqlalchemy as sa
from alembic import op

import recovery.columns

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = recovery.columns.Moment(timezone=True)


def upgrade() -> None:
    op.create_table('alerts',
    sa.Column('id', _ID, nullable=False),
    sa.Column('shop_id', _ID, nullable=False),
    sa.Column('subject', sa.String(length=80), nullable=False),
    sa.Column('at', _MOMENT, nullable=False),
    sa.Column('try_at', _MOMENT, nullable=True),
    sa.Column('sent_at', _MOMENT, nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_alerts_shop_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alerts')),
    sa.UniqueConstraint('shop_id', 'subject', 'at', name=op.f('uq_alerts_shop_id_subject_at'))
    )
    op.create_index('ix_alerts_due', 'alerts', ['try_at'], unique=False)
    op.create_index('ix_reminders_sent', 'reminders', ['shop_id', 'sent_at'], unique=False, sqlite_where=sa.text('sent_at IS NOT NULL'), postgresql_where=sa.text('sent_at IS NOT NULL'))

def downgrade() -> None:
    op.drop_index('ix_reminders_sent', table_name='reminders', sqlite_where=sa.text('sent_at IS NOT NULL'), postgresql_where=sa.text('sent_at IS NOT NULL'))
    op.drop_index('ix_alerts_due', table_name='alerts')
    op.drop_table('alerts')
