"""Indexes by which reports find a shop's carts of a time, and erasures the arms of carts."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_carts_created", "carts", ["shop_id", "created_at"])
    op.create_index("ix_arms_cart", "arms", ["cart_id", "shop_id"])


def downgrade() -> None:
    op.drop_index("ix_arms_cart", table_name="arms")
    op.drop_index("ix_carts_created", table_name="carts")
