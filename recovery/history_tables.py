"""How far the import of what was there before the install is. Read as `tables.history_imports`."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint
from sqlalchemy import text as sql

from recovery.columns import Id, Moment
from recovery.metadata import metadata

history_imports = Table(
    "history_imports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("what", String(8), nullable=False),  # "orders", "carts"
    Column("since", Moment, nullable=False),  # what began from here …
    Column("until", Moment, nullable=False),  # … to before the install
    Column("cursor", Text),  # the platform's place in its list; None: at its beginning
    Column("expected", Integer),  # about how many; None: the platform does not tell
    Column("seen", Integer, nullable=False),
    Column("tries", Integer, nullable=False),  # in a row that failed
    Column("error", String(300)),
    Column("begun_at", Moment),  # when its first page was read
    Column("ended_at", Moment),
    Column("try_at", Moment),  # None: it has ended
    Column("handed_out_at", Moment),
    UniqueConstraint("shop_id", "what"),
    Index(
        "ix_history_imports_due",
        "try_at",
        sqlite_where=sql("try_at IS NOT NULL"),
        postgresql_where=sql("try_at IS NOT NULL"),
    ),
)
