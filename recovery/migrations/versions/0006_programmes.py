"""programmes of a shop, their versions, and which version a reminder follows"""

import sqlalchemy as sa
from alembic import op
import recovery.columns

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = recovery.columns.Moment(timezone=True)


def upgrade() -> None:
    op.create_table(
        'programmes',
        sa.Column('id', _ID, nullable=False),
        sa.Column('shop_id', _ID, nullable=False),
        sa.Column('name', sa.String(length=40), nullable=False),
        sa.Column('start', sa.String(length=10), nullable=False),
        sa.Column('is_on', sa.Boolean(), nullable=False),
        sa.Column('version_id', _ID, nullable=True),
        sa.Column('replan', sa.Boolean(), nullable=False),
        sa.Column('created_at', _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_programmes_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_programmes')),
        sa.UniqueConstraint('shop_id', 'name', name=op.f('uq_programmes_shop_id_name')),
    )
    some = sa.text('replan')
    op.create_index('ix_programmes_replan', 'programmes', ['id'], sqlite_where=some, postgresql_where=some)
    op.create_table(
        'programme_versions',
        sa.Column('id', _ID, nullable=False),
        sa.Column('programme_id', _ID, nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('form', sa.Text(), nullable=False),
        sa.Column('author', sa.String(length=120), nullable=False),
        sa.Column('at', _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['programme_id'], ['programmes.id'], name=op.f('fk_programme_versions_programme_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_programme_versions')),
        sa.UniqueConstraint('programme_id', 'number', name=op.f('uq_programme_versions_programme_id_number')),
    )
    op.add_column('reminders', sa.Column('version_id', _ID, nullable=True))


def downgrade() -> None:
    op.drop_column('reminders', 'version_id')
    op.drop_table('programme_versions')
    op.drop_table('programmes')
