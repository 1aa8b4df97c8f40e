"""members of a shop, what they changed, whom they looked at"""

import sqlalchemy as sa
from alembic import op
import recovery.columns

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = recovery.columns.Moment(timezone=True)


def upgrade() -> None:
    op.create_table(
        'members',
        sa.Column('id', _ID, nullable=False),
        sa.Column('shop_id', _ID, nullable=False),
        sa.Column('subject', sa.String(length=120), nullable=False),
        sa.Column('name', sa.String(length=80), nullable=False),
        sa.Column('language', sa.String(length=5), nullable=False),
        sa.Column('role', sa.String(length=10), nullable=False),
        sa.Column('added_at', _MOMENT, nullable=False),
        sa.Column('last_seen_at', _MOMENT, nullable=True),
        sa.Column('removed_at', _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_members_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_members')),
        sa.UniqueConstraint('shop_id', 'subject', name=op.f('uq_members_shop_id_subject')),
    )
    op.create_table(
        'changes',
        sa.Column('id', _ID, nullable=False),
        sa.Column('shop_id', _ID, nullable=False),
        sa.Column('member_id', _ID, nullable=True),
        sa.Column('at', _MOMENT, nullable=False),
        sa.Column('subject', sa.String(length=60), nullable=False),
        sa.Column('before', sa.Text(), nullable=False),
        sa.Column('after', sa.Text(), nullable=False),
        sa.Column('undoes', _ID, nullable=True),
        sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_changes_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_changes')),
    )
    op.create_index('ix_changes_at', 'changes', ['shop_id', 'at'], unique=False)
    op.create_table(
        'looks',
        sa.Column('id', _ID, nullable=False),
        sa.Column('shop_id', _ID, nullable=False),
        sa.Column('member_id', _ID, nullable=False),
        sa.Column('at', _MOMENT, nullable=False),
        sa.Column('what', sa.String(length=20), nullable=False),
        sa.Column('key', sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_looks_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_looks')),
    )
    op.create_index('ix_looks_at', 'looks', ['shop_id', 'at'], unique=False)
    op.create_index('ix_looks_key', 'looks', ['shop_id', 'what', 'key'], unique=False)


def downgrade() -> None:
    op.drop_table('looks')
    op.drop_table('changes')
    op.drop_table('members')
