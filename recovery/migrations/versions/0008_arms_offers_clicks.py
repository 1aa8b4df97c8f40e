"""arms, offers, clicks, reasons of leaving, pauses, forwards; e-mail beside texts"""

import secrets

import sqlalchemy as sa
from alembic import op
import recovery.columns

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = recovery.columns.Moment(timezone=True)
_AMOUNT = recovery.columns.Amount()
_WAITING = sa.text("state = 'scheduled' AND handed_out_at IS NULL")
_ASKED = sa.text("state = 'scheduled' AND handed_out_at IS NULL AND cart_id IS NULL")
_TO_DO = sa.text('try_at IS NOT NULL')


def upgrade() -> None:
    op.create_table(
        'arms',
        sa.Column('id', _ID, nullable=False),
        sa.Column('shop_id', _ID, nullable=False),
        sa.Column('programme', sa.String(length=40), nullable=False),
        sa.Column('kind', sa.String(length=12), nullable=False),
        sa.Column('mark', sa.String(length=320), nullable=False),
        sa.Column('person', _ID, nullable=True),
        sa.Column('arm', sa.String(length=40), nullable=False),
        sa.Column('version_id', _ID, nullable=True),
        sa.Column('cart_id', _ID, nullable=False),
        sa.Column('at', _MOMENT, nullable=False),
        sa.Column('in_conflict', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_arms_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_arms')),
        sa.UniqueConstraint('shop_id', 'programme', 'kind', 'mark', name=op.f('uq_arms_shop_id_programme_kind_mark')),
    )
    op.create_index('ix_arms_at', 'arms', ['shop_id', 'programme', 'at'], unique=False)
    op.create_index('ix_arms_mark', 'arms', ['mark', 'shop_id'], unique=False)
    op.create_index('ix_arms_person', 'arms', ['person'], unique=False)
    op.create_table(
        'clicks',
        sa.Column('id', _ID, nullable=False),
        sa.Column('link_hash', sa.String(length=64), nullable=False),
        sa.Column('shop_id', _ID, nullable=False),
        sa.Column('reminder_id', _ID, nullable=False),
        sa.Column('who', sa.String(length=8), nullable=False),
        sa.Column('visit', sa.String(length=64), nullable=False),
        sa.Column('at', _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_clicks_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_clicks')),
        sa.UniqueConstraint('link_hash', 'visit', name=op.f('uq_clicks_link_hash_visit')),
    )
    op.create_index('ix_clicks_at', 'clicks', ['shop_id', 'at'], unique=False)
    op.create_index(op.f('ix_clicks_reminder_id'), 'clicks', ['reminder_id'], unique=False)
    op.create_table(
        'forwards',
        sa.Column('id', _ID, nullable=False),
        sa.Column('shop_id', _ID, nullable=False),
        sa.Column('reply_id', _ID, nullable=False),
        sa.Column('at', _MOMENT, nullable=False),
        sa.Column('sent_at', _MOMENT, nullable=True),
        sa.Column('try_at', _MOMENT, nullable=True),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('error', sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_forwards_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_forwards')),
        sa.UniqueConstraint('reply_id', name=op.f('uq_forwards_reply_id')),
    )
    op.create_index('ix_forwards_to_do', 'forwards', ['try_at'], unique=False, sqlite_where=_TO_DO, postgresql_where=_TO_DO)
    op.create_table(
        'leaving_reasons',
        sa.Column('id', _ID, nullable=False),
        sa.Column('shop_id', _ID, nullable=False),
        sa.Column('cart_id', _ID, nullable=False),
        sa.Column('reminder_id', _ID, nullable=False),
        sa.Column('reply_id', _ID, nullable=False),
        sa.Column('reason', sa.String(length=12), nullable=True),
        sa.Column('follow', sa.String(length=12), nullable=False),
        sa.Column('follow_at', _MOMENT, nullable=True),
        sa.Column('at', _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_leaving_reasons_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_leaving_reasons')),
        sa.UniqueConstraint('reply_id', name=op.f('uq_leaving_reasons_reply_id')),
    )
    op.create_index('ix_leaving_reasons_at', 'leaving_reasons', ['shop_id', 'at'], unique=False)
    op.create_index(op.f('ix_leaving_reasons_cart_id'), 'leaving_reasons', ['cart_id'], unique=False)
    op.create_table(
        'offers',
        sa.Column('id', _ID, nullable=False),
        sa.Column('shop_id', _ID, nullable=False),
        sa.Column('cart_id', _ID, nullable=False),
        sa.Column('reminder_id', _ID, nullable=False),
        sa.Column('customer_key', sa.String(length=64), nullable=True),
        sa.Column('email', sa.String(length=320), nullable=True),
        sa.Column('phone', sa.String(length=20), nullable=True),
        sa.Column('gift', sa.String(length=10), nullable=False),
        sa.Column('stand', sa.String(length=12), nullable=False),
        sa.Column('reasons', sa.Text(), nullable=False),
        sa.Column('kind', sa.String(length=14), nullable=True),
        sa.Column('value', _AMOUNT, nullable=True),
        sa.Column('currency', sa.String(length=3), nullable=True),
        sa.Column('days', sa.Integer(), nullable=True),
        sa.Column('minimum', _AMOUNT, nullable=True),
        sa.Column('lines', sa.Text(), nullable=False),
        sa.Column('cost', _AMOUNT, nullable=True),
        sa.Column('ends_at', _MOMENT, nullable=True),
        sa.Column('code', sa.String(length=40), nullable=True),
        sa.Column('coupon_key', sa.String(length=80), nullable=True),
        sa.Column('repeats_id', _ID, nullable=True),
        sa.Column('decided_at', _MOMENT, nullable=False),
        sa.Column('announced_at', _MOMENT, nullable=True),
        sa.Column('made_at', _MOMENT, nullable=True),
        sa.Column('used_at', _MOMENT, nullable=True),
        sa.Column('used_by', _ID, nullable=True),
        sa.Column('earned_by', _ID, nullable=True),
        sa.Column('took_off', _AMOUNT, nullable=True),
        sa.Column('removed_at', _MOMENT, nullable=True),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('try_at', _MOMENT, nullable=True),
        sa.Column('claimed_at', _MOMENT, nullable=True),
        sa.Column('error', sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_offers_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_offers')),
    )
    op.create_index(op.f('ix_offers_cart_id'), 'offers', ['cart_id'], unique=False)
    op.create_index('ix_offers_code', 'offers', ['shop_id', 'code'], unique=False, sqlite_where=sa.text('code IS NOT NULL'), postgresql_where=sa.text('code IS NOT NULL'))
    op.create_index('ix_offers_customer', 'offers', ['customer_key', 'shop_id'], unique=False)
    op.create_index('ix_offers_decided', 'offers', ['shop_id', 'decided_at'], unique=False)
    op.create_index('ix_offers_email', 'offers', ['email', 'shop_id'], unique=False)
    op.create_index('ix_offers_phone', 'offers', ['phone', 'shop_id'], unique=False)
    op.create_index(op.f('ix_offers_reminder_id'), 'offers', ['reminder_id'], unique=False)
    op.create_index('ix_offers_to_do', 'offers', ['try_at'], unique=False, sqlite_where=_TO_DO, postgresql_where=_TO_DO)
    op.create_table(
        'pauses',
        sa.Column('shop_id', _ID, nullable=False),
        sa.Column('address', sa.String(length=320), nullable=False),
        sa.Column('at', _MOMENT, nullable=False),
        sa.Column('because', sa.String(length=40), nullable=False),
        sa.Column('lifted_at', _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_pauses_shop_id')),
        sa.PrimaryKeyConstraint('shop_id', 'address', name=op.f('pk_pauses')),
    )
    op.add_column('accounts', sa.Column('channel', sa.String(length=10), nullable=False, server_default='sms'))
    op.add_column('accounts', sa.Column('mail_from', sa.String(length=320), nullable=True))
    op.add_column('consents', sa.Column('language', sa.String(length=10), nullable=True))
    op.add_column('consents', sa.Column('page', sa.Text(), nullable=True))
    op.add_column('consents', sa.Column('ip', sa.String(length=45), nullable=True))
    op.add_column('orders', sa.Column('credited_by', sa.String(length=8), nullable=True))
    op.add_column('reminders', sa.Column('arm', sa.String(length=40), nullable=True))
    op.add_column('reminders', sa.Column('fallback_of', _ID, nullable=True))
    op.add_column('reminders', sa.Column('offer_id', _ID, nullable=True))
    op.add_column('reminders', sa.Column('words', sa.String(length=20), nullable=True))
    op.add_column('reminders', sa.Column('language', sa.String(length=10), nullable=True))
    op.add_column('reminders', sa.Column('headline', sa.Text(), nullable=True))
    op.add_column('reminders', sa.Column('refusal', sa.Text(), nullable=True))
    op.drop_index('ix_reminders_asked', 'reminders')
    op.create_index('ix_reminders_asked', 'reminders', ['shop_id', 'channel', 'due_at', 'latest_at'], sqlite_where=_ASKED, postgresql_where=_ASKED)
    op.drop_index('ix_reminders_waiting', 'reminders')
    op.create_index('ix_reminders_waiting', 'reminders', ['shop_id', 'channel', 'due_at', 'latest_at'], unique=False, sqlite_where=_WAITING, postgresql_where=_WAITING)
    op.add_column('shops', sa.Column('email_account_id', _ID, nullable=True))
    op.add_column('shops', sa.Column('customers_may_be_mailed', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('shops', sa.Column('draw_key', sa.String(length=64), nullable=False, server_default=''))
    op.add_column('shops', sa.Column('offer_policy', sa.Text(), nullable=False, server_default=''))
    op.add_column('shops', sa.Column('sms_prices', sa.Text(), nullable=False, server_default=''))
    op.add_column('shops', sa.Column('smart_encoding', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('shops', sa.Column('credit_rule', sa.Text(), nullable=False, server_default=''))
    op.add_column('shops', sa.Column('guests_may_order', sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column('shops', sa.Column('merchant_email', sa.String(length=320), nullable=True))
    op.add_column('shops', sa.Column('postal_address', sa.Text(), nullable=False, server_default=''))
    op.add_column('shops', sa.Column('colour', sa.String(length=7), nullable=True))
    op.add_column('shops', sa.Column('logo', sa.Text(), nullable=True))
    _draw_keys()


def _draw_keys() -> None:
    """A secret of each shop's own, by which the people held out are drawn."""
    shops, db = sa.table('shops', sa.column('id'), sa.column('draw_key')), op.get_bind()
    for row in db.execute(sa.select(shops.c.id)).all():
        key = secrets.token_hex(16)
        db.execute(sa.update(shops).where(shops.c.id == row.id).values(draw_key=key))


def downgrade() -> None:
    op.drop_column('shops', 'logo')
    op.drop_column('shops', 'colour')
    op.drop_column('shops', 'postal_address')
    op.drop_column('shops', 'merchant_email')
    op.drop_column('shops', 'guests_may_order')
    op.drop_column('shops', 'credit_rule')
    op.drop_column('shops', 'smart_encoding')
    op.drop_column('shops', 'sms_prices')
    op.drop_column('shops', 'offer_policy')
    op.drop_column('shops', 'draw_key')
    op.drop_column('shops', 'customers_may_be_mailed')
    op.drop_column('shops', 'email_account_id')
    op.drop_index('ix_reminders_asked', 'reminders')
    op.create_index('ix_reminders_asked', 'reminders', ['shop_id', 'due_at', 'latest_at'], sqlite_where=_ASKED, postgresql_where=_ASKED)
    op.drop_index('ix_reminders_waiting', 'reminders')
    op.create_index('ix_reminders_waiting', 'reminders', ['shop_id', 'due_at', 'latest_at'], unique=False, sqlite_where=_WAITING, postgresql_where=_WAITING)
    op.drop_column('reminders', 'refusal')
    op.drop_column('reminders', 'headline')
    op.drop_column('reminders', 'language')
    op.drop_column('reminders', 'words')
    op.drop_column('reminders', 'offer_id')
    op.drop_column('reminders', 'fallback_of')
    op.drop_column('reminders', 'arm')
    op.drop_column('orders', 'credited_by')
    op.drop_column('consents', 'ip')
    op.drop_column('consents', 'page')
    op.drop_column('consents', 'language')
    op.drop_column('accounts', 'mail_from')
    op.drop_column('accounts', 'channel')
    op.drop_table('pauses')
    op.drop_index('ix_offers_to_do', table_name='offers', sqlite_where=_TO_DO, postgresql_where=_TO_DO)
    op.drop_index(op.f('ix_offers_reminder_id'), table_name='offers')
    op.drop_index('ix_offers_phone', table_name='offers')
    op.drop_index('ix_offers_email', table_name='offers')
    op.drop_index('ix_offers_decided', table_name='offers')
    op.drop_index('ix_offers_customer', table_name='offers')
    op.drop_index('ix_offers_code', table_name='offers', sqlite_where=sa.text('code IS NOT NULL'), postgresql_where=sa.text('code IS NOT NULL'))
    op.drop_index(op.f('ix_offers_cart_id'), table_name='offers')
    op.drop_table('offers')
    op.drop_index(op.f('ix_leaving_reasons_cart_id'), table_name='leaving_reasons')
    op.drop_index('ix_leaving_reasons_at', table_name='leaving_reasons')
    op.drop_table('leaving_reasons')
    op.drop_index('ix_forwards_to_do', table_name='forwards', sqlite_where=_TO_DO, postgresql_where=_TO_DO)
    op.drop_table('forwards')
    op.drop_index(op.f('ix_clicks_reminder_id'), table_name='clicks')
    op.drop_index('ix_clicks_at', table_name='clicks')
    op.drop_table('clicks')
    op.drop_index('ix_arms_person', table_name='arms')
    op.drop_index('ix_arms_mark', table_name='arms')
    op.drop_index('ix_arms_at', table_name='arms')
    op.drop_table('arms')
