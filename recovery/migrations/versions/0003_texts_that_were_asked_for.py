"""texts that were asked for: requests, parcels, pairings, and reminders without a cart"""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations
import recovery.columns

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = recovery.columns.Moment(timezone=True)


def _of_some(batch_op: BatchOperations, name: str, *columns: str, only: str, unique: bool = False) -> None:
    where = sa.text(only)
    batch_op.create_index(
        name, list(columns), unique=unique, sqlite_where=where, postgresql_where=where
    )


def upgrade() -> None:
    op.create_table('pairings',
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('shop_id', _ID, nullable=False),
    sa.Column('expires_at', _MOMENT, nullable=False),
    sa.Column('used_at', _MOMENT, nullable=True),
    sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_pairings_shop_id')),
    sa.PrimaryKeyConstraint('code_hash', name=op.f('pk_pairings'))
    )
    op.create_table('parcels',
    sa.Column('id', _ID, nullable=False),
    sa.Column('shop_id', _ID, nullable=False),
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('order_key', sa.String(length=255), nullable=False),
    sa.Column('stage', sa.String(length=20), nullable=False),
    sa.Column('tracking_address', sa.Text(), nullable=True),
    sa.Column('carrier', sa.String(length=80), nullable=True),
    sa.Column('at', _MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_parcels_shop_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_parcels')),
    sa.UniqueConstraint('shop_id', 'key', 'stage', name=op.f('uq_parcels_shop_id_key_stage'))
    )
    with op.batch_alter_table('parcels', schema=None) as batch_op:
        batch_op.create_index('ix_parcels_order', ['shop_id', 'order_key'], unique=False)

    op.create_table('requests',
    sa.Column('id', _ID, nullable=False),
    sa.Column('shop_id', _ID, nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('phone', sa.String(length=20), nullable=False),
    sa.Column('about', sa.String(length=255), nullable=False),
    sa.Column('cart_key', sa.String(length=400), nullable=True),
    sa.Column('product_key', sa.String(length=64), nullable=True),
    sa.Column('variant_key', sa.String(length=64), nullable=True),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=True),
    sa.Column('price', recovery.columns.Amount(), nullable=True),
    sa.Column('currency', sa.String(length=3), nullable=True),
    sa.Column('country', sa.String(length=2), nullable=True),
    sa.Column('locale', sa.String(length=35), nullable=True),
    sa.Column('customer_key', sa.String(length=64), nullable=True),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('asked_at', _MOMENT, nullable=False),
    sa.Column('said_at', _MOMENT, nullable=False),
    sa.Column('recorded_at', _MOMENT, nullable=False),
    sa.Column('confirmed_at', _MOMENT, nullable=True),
    sa.Column('ended_at', _MOMENT, nullable=True),
    sa.Column('ended_because', sa.String(length=40), nullable=True),
    sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_requests_shop_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_requests')),
    sa.UniqueConstraint('shop_id', 'kind', 'phone', 'about', name=op.f('uq_requests_shop_id_kind_phone_about'))
    )
    with op.batch_alter_table('requests', schema=None) as batch_op:
        batch_op.create_index('ix_requests_phone', ['phone', 'shop_id'], unique=False)
        _of_some(batch_op, 'ix_requests_customer', 'customer_key', 'shop_id', only='customer_key IS NOT NULL')
        _of_some(batch_op, 'ix_requests_cart', 'cart_key', only='cart_key IS NOT NULL')
        _of_some(batch_op, 'ix_requests_product', 'product_key', 'shop_id', only='product_key IS NOT NULL')
        _of_some(batch_op, 'ix_requests_variant', 'variant_key', 'shop_id', only='variant_key IS NOT NULL')
        _of_some(batch_op, 'ix_requests_standing', 'said_at', only='ended_at IS NULL')

    # The defaults stay: taking them off would copy each table once more on SQLite.
    with op.batch_alter_table('shops', schema=None) as batch_op:
        batch_op.add_column(sa.Column('double_opt_in', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('order_texts', sa.String(length=120), nullable=False, server_default=''))
    with op.batch_alter_table('products', schema=None) as batch_op:
        batch_op.add_column(sa.Column('variants', sa.Text(), nullable=False, server_default='[]'))
    with op.batch_alter_table('reminders', schema=None) as batch_op:
        batch_op.add_column(sa.Column('request_id', _ID, nullable=True))
        batch_op.add_column(sa.Column('subject', sa.String(length=120), nullable=False, server_default=''))
        batch_op.alter_column('cart_id', existing_type=_ID, nullable=True)
        batch_op.create_foreign_key(op.f('fk_reminders_request_id'), 'requests', ['request_id'], ['id'])
        _of_some(
            batch_op, 'ix_reminders_answers', 'request_id', 'programme', 'subject', 'channel',
            only='request_id IS NOT NULL', unique=True,
        )
    with op.batch_alter_table('links', schema=None) as batch_op:
        batch_op.alter_column('cart_id', existing_type=_ID, nullable=True)


def downgrade() -> None:
    # What answers a request has no place in the older form.
    op.execute("DELETE FROM links WHERE cart_id IS NULL")
    op.execute("UPDATE replies SET reminder_id = NULL WHERE reminder_id IN (SELECT id FROM reminders WHERE cart_id IS NULL)")
    op.execute("DELETE FROM reminders WHERE cart_id IS NULL")
    with op.batch_alter_table('links', schema=None) as batch_op:
        batch_op.alter_column('cart_id', existing_type=_ID, nullable=False)
    with op.batch_alter_table('reminders', schema=None) as batch_op:
        batch_op.drop_index('ix_reminders_answers')
        batch_op.drop_constraint(op.f('fk_reminders_request_id'), type_='foreignkey')
        batch_op.alter_column('cart_id', existing_type=_ID, nullable=False)
        batch_op.drop_column('subject')
        batch_op.drop_column('request_id')
    with op.batch_alter_table('products', schema=None) as batch_op:
        batch_op.drop_column('variants')
    with op.batch_alter_table('shops', schema=None) as batch_op:
        batch_op.drop_column('order_texts')
        batch_op.drop_column('double_opt_in')
    op.drop_table('requests')
    op.drop_table('parcels')
    op.drop_table('pairings')
