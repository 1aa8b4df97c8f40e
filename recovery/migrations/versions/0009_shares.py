"""The shares of adaptive programmes, and by which of them each person was drawn."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_DUE = sa.text("split_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "splits",
        sa.Column("id", _ID, nullable=False),
        sa.Column("shop_id", _ID, nullable=False),
        sa.Column("programme", sa.String(length=40), nullable=False),
        sa.Column("version_id", _ID, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("weights", sa.Text(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("matured", sa.Text(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_splits_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_splits")),
    )
    op.create_index("ix_splits_version", "splits", ["version_id", "id"])
    op.add_column("arms", sa.Column("split_id", _ID, nullable=True))
    op.add_column("arms", sa.Column("weight", sa.Integer(), nullable=True))
    op.add_column("programmes", sa.Column("split_at", _MOMENT, nullable=True))
    op.create_index(
        "ix_programmes_split",
        "programmes",
        ["split_at"],
        sqlite_where=_DUE,
        postgresql_where=_DUE,
    )
    _begin()


def _begin() -> None:
    """Programmes that were saved as adaptive before learn from now on."""
    programmes = sa.table(
        "programmes", sa.column("version_id"), sa.column("split_at", _MOMENT)
    )
    versions = sa.table("programme_versions", sa.column("id"), sa.column("form"))
    adaptive = sa.select(versions.c.id).where(versions.c.form.like('%"adaptive":true%'))
    now = datetime.now(UTC)
    if op.get_bind().dialect.name == "sqlite":
        now = now.replace(tzinfo=None)  # which keeps no zone
    change = sa.update(programmes).where(programmes.c.version_id.in_(adaptive))
    op.get_bind().execute(change.values(split_at=now))


def downgrade() -> None:
    op.drop_index("ix_programmes_split", table_name="programmes")
    op.drop_column("programmes", "split_at")
    op.drop_column("arms", "weight")
    op.drop_column("arms", "split_id")
    op.drop_table("splits")
