"""words by which carts are found, answers that members write, what waits for one"""

import json
import re
import unicodedata
from typing import Any

import sqlalchemy as sa
from alembic import op

import recovery.columns

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = recovery.columns.Moment(timezone=True)
_WORD = sa.String(40).with_variant(sa.String(40, collation='C'), 'postgresql')
_MANY = 2000


def _words(name: str) -> None:
    op.create_table(
        name,
        sa.Column('shop_id', _ID, nullable=False),
        sa.Column('word', _WORD, nullable=False),
        sa.Column('created_at', _MOMENT, nullable=False),
        sa.Column('cart_id', _ID, nullable=False),
        sa.PrimaryKeyConstraint('shop_id', 'word', 'created_at', 'cart_id', name=op.f(f'pk_{name}')),
        sqlite_with_rowid=False,
    )


def upgrade() -> None:
    _words('cart_words')
    _words('name_words')
    op.create_index('ix_name_words_cart', 'name_words', ['cart_id'])
    op.create_table(
        'written_answers',
        sa.Column('id', _ID, nullable=False),
        sa.Column('shop_id', _ID, nullable=False),
        sa.Column('member_id', _ID, nullable=False),
        sa.Column('reply_id', _ID, nullable=False),
        sa.Column('reminder_id', _ID, nullable=False),
        sa.Column('once', sa.String(length=40), nullable=False),
        sa.Column('at', _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_written_answers_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_written_answers')),
        sa.UniqueConstraint('shop_id', 'once', name=op.f('uq_written_answers_shop_id_once')),
    )
    op.create_index('ix_written_answers_reminder_id', 'written_answers', ['reminder_id'])
    op.add_column('carts', sa.Column('silenced_at', _MOMENT, nullable=True))
    op.create_index('ix_carts_state', 'carts', ['shop_id', 'state', 'created_at'])
    op.create_index('ix_orders_name', 'orders', ['shop_id', 'name'])
    credited = sa.text('reminder_id IS NOT NULL')
    op.create_index(
        'ix_orders_credited', 'orders', ['shop_id', 'cart_id'],
        sqlite_where=credited, postgresql_where=credited,
    )
    op.create_index('ix_replies_at', 'replies', ['shop_id', 'at'])
    op.create_index('ix_replies_sender', 'replies', ['sender', 'shop_id'])
    op.add_column('forwards', sa.Column('done_at', _MOMENT, nullable=True))
    op.add_column('forwards', sa.Column('done_by', _ID, nullable=True))
    waits = sa.text('done_at IS NULL')
    op.create_index(
        'ix_forwards_waiting', 'forwards', ['shop_id', 'at'],
        sqlite_where=waits, postgresql_where=waits,
    )
    if op.get_bind().dialect.name == 'postgresql':
        for name in ('email', 'phone'):
            op.drop_index(f'ix_carts_{name}', table_name='carts')
            ops = {name: 'varchar_pattern_ops'}
            op.create_index(f'ix_carts_{name}', 'carts', [name, 'shop_id'], postgresql_ops=ops)
    _fill()


def _fill() -> None:
    """The words of the carts that are there already."""
    db, last = op.get_bind(), 0
    cart = sa.table(
        'carts', *(sa.column(each) for each in ('id', 'shop_id', 'first_name', 'lines')),
        sa.column('created_at', _MOMENT),
    )
    while rows := db.execute(
        sa.select(cart).where(cart.c.id > last).order_by(cart.c.id).limit(_MANY)
    ).all():
        last = rows[-1].id
        for name, of in (('cart_words', _of_lines), ('name_words', _of_name)):
            made = [
                {'shop_id': row.shop_id, 'word': word, 'created_at': row.created_at, 'cart_id': row.id}
                for row in rows
                for word in of(row)
            ]
            if made:
                columns: list[Any] = [sa.column(each) for each in ('shop_id', 'word', 'cart_id')]
                table = sa.table(name, *columns, sa.column('created_at', _MOMENT))
                db.execute(table.insert(), made)


def _of_lines(row: sa.Row[Any]) -> set[str]:
    found: list[str] = []
    for line in json.loads(row.lines)[:10]:
        found += _apart(line.get('title') or '')[:8]
        found += _apart(line.get('product_key') or '')[:1]
    return set(found)


def _of_name(row: sa.Row[Any]) -> set[str]:
    return set(_apart(row.first_name or '')[:6])


def _apart(text: str) -> list[str]:
    bare = unicodedata.normalize('NFKD', text[:500]).casefold()
    bare = ''.join(char for char in bare if not unicodedata.combining(char))
    return [word[:40] for word in re.findall(r'[^\W_]+', bare) if len(word) > 1]


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        for name in ('email', 'phone'):
            op.drop_index(f'ix_carts_{name}', table_name='carts')
            op.create_index(f'ix_carts_{name}', 'carts', [name, 'shop_id'])
    op.drop_index('ix_forwards_waiting', table_name='forwards')
    op.drop_column('forwards', 'done_by')
    op.drop_column('forwards', 'done_at')
    op.drop_index('ix_replies_sender', table_name='replies')
    op.drop_index('ix_replies_at', table_name='replies')
    op.drop_index('ix_orders_credited', table_name='orders')
    op.drop_index('ix_orders_name', table_name='orders')
    op.drop_index('ix_carts_state', table_name='carts')
    op.drop_column('carts', 'silenced_at')
    op.drop_table('written_answers')
    op.drop_index('ix_name_words_cart', table_name='name_words')
    op.drop_table('name_words')
    op.drop_table('cart_words')
