"""receipts, ends of keeping, stops of people who were erased"""

import sqlalchemy as sa
from alembic import op

import recovery.columns

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = recovery.columns.Moment(timezone=True)


def upgrade() -> None:
    op.create_table('past_orders',
    sa.Column('id', _ID, nullable=False),
    sa.Column('shop_id', _ID, nullable=False),
    sa.Column('person', sa.String(length=64), nullable=False),
    sa.Column('placed_at', _MOMENT, nullable=False),
    sa.Column('amount', recovery.columns.Amount(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_past_orders_shop_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_past_orders'))
    )
    op.create_index('ix_past_orders_person', 'past_orders', ['person', 'shop_id'], unique=False)
    op.create_table('privacy_receipts',
    sa.Column('id', _ID, nullable=False),
    sa.Column('shop_id', _ID, nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('came_by', sa.String(length=12), nullable=False),
    sa.Column('member_id', _ID, nullable=True),
    sa.Column('asked_at', _MOMENT, nullable=False),
    sa.Column('done_at', _MOMENT, nullable=True),
    sa.Column('removed', sa.Integer(), nullable=True),
    sa.Column('retained', sa.Integer(), nullable=True),
    sa.Column('customer_key', sa.String(length=64), nullable=True),
    sa.Column('email', sa.String(length=320), nullable=True),
    sa.Column('phone', sa.String(length=20), nullable=True),
    sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_privacy_receipts_shop_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_privacy_receipts'))
    )
    op.create_index('ix_privacy_receipts_asked', 'privacy_receipts', ['shop_id', 'asked_at'], unique=False)
    op.create_table('retentions',
    sa.Column('shop_id', _ID, nullable=False),
    sa.Column('cart_payloads', _MOMENT, nullable=True),
    sa.Column('order_payloads', _MOMENT, nullable=True),
    sa.Column('carts', _MOMENT, nullable=True),
    sa.Column('orders', _MOMENT, nullable=True),
    sa.Column('begun_at', _MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_retentions_shop_id')),
    sa.PrimaryKeyConstraint('shop_id', name=op.f('pk_retentions'))
    )
    op.create_table('stop_marks',
    sa.Column('shop_id', _ID, nullable=False),
    sa.Column('mark', sa.String(length=64), nullable=False),
    sa.Column('at', _MOMENT, nullable=False),
    sa.Column('source', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_stop_marks_shop_id')),
    sa.PrimaryKeyConstraint('shop_id', 'mark', name=op.f('pk_stop_marks'))
    )
    op.create_index('ix_shoppers_changed', 'shoppers', ['shop_id', 'changed_at'], unique=False)
    op.create_index('ix_shoppers_raw', 'shoppers', ['shop_id', 'changed_at'], unique=False, sqlite_where=sa.text('raw IS NOT NULL'), postgresql_where=sa.text('raw IS NOT NULL'))
    op.add_column('shops', sa.Column('keep_months', sa.Integer(), nullable=False, server_default='13'))
    op.add_column('shops', sa.Column('keep_payload_days', sa.Integer(), nullable=False, server_default='90'))
    op.add_column('shops', sa.Column('erase_at', _MOMENT, nullable=True))

def downgrade() -> None:
    op.drop_column('shops', 'erase_at')
    op.drop_column('shops', 'keep_payload_days')
    op.drop_column('shops', 'keep_months')
    op.drop_index('ix_shoppers_raw', table_name='shoppers', sqlite_where=sa.text('raw IS NOT NULL'), postgresql_where=sa.text('raw IS NOT NULL'))
    op.drop_index('ix_shoppers_changed', table_name='shoppers')
    op.drop_table('stop_marks')
    op.drop_table('retentions')
    op.drop_index('ix_privacy_receipts_asked', table_name='privacy_receipts')
    op.drop_table('privacy_receipts')
    op.drop_index('ix_past_orders_person', table_name='past_orders')
    op.drop_table('past_orders')
