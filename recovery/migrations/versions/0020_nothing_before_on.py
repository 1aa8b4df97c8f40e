"""shops that are not switched on yet, and texts that a merchant tries"""

import sqlalchemy as sa
from alembic import op
import recovery.columns

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = recovery.columns.Moment(timezone=True)


def upgrade() -> None:
    # Whoever sends today goes on sending.
    op.add_column('shops', sa.Column('held', sa.String(length=10), nullable=False, server_default=''))
    op.create_table(
        'tried_texts',
        sa.Column('id', _ID, nullable=False),
        sa.Column('shop_id', _ID, nullable=False),
        sa.Column('account_id', _ID, nullable=False),
        sa.Column('member_id', _ID, nullable=True),
        sa.Column('at', _MOMENT, nullable=False),
        sa.Column('mark', sa.String(length=64), nullable=False),
        sa.Column('language', sa.String(length=5), nullable=False),
        sa.Column('outcome', sa.String(length=20), nullable=False),
        sa.Column('provider_id', sa.String(length=80), nullable=True),
        sa.Column('refusal', sa.Text(), nullable=True),
        sa.Column('price', recovery.columns.Amount(), nullable=True),
        sa.Column('price_currency', sa.String(length=3), nullable=True),
        sa.Column('told_at', _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_tried_texts_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_tried_texts')),
    )
    op.create_index('ix_tried_texts_at', 'tried_texts', ['shop_id', 'at'])


def downgrade() -> None:
    op.drop_index('ix_tried_texts_at', 'tried_texts')
    op.drop_table('tried_texts')
    op.drop_column('shops', 'held')
