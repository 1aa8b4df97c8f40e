"""The rows of figures that were counted beforehand, and of the days that a merchant marked.

Everybody reads them as `tables.…`, with all the others.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, UniqueConstraint, text

from recovery.columns import Id, Moment
from recovery.metadata import metadata

# Figures of a shop and a time, as they were last counted; sums of people, and nobody's name.
prepared_figures = Table(
    "prepared_figures",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("what", String(12), nullable=False),  # "results", "why"
    Column("period", String(24), nullable=False),  # see `recovery.periods`
    Column("asked_at", Moment, nullable=False),  # when a page last asked for them
    Column("due_at", Moment),  # when they are counted next; None: nobody looks
    Column("handed_out_at", Moment),
    Column("partial", Text),  # JSON of a count that is not done
    Column("figures", Text),  # JSON; None: never counted yet
    Column("as_of", Moment),
    UniqueConstraint("shop_id", "what", "period"),
    Index(
        "ix_prepared_figures_due",
        "due_at",
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    ),
)

# Days from which on something is different in the shop, as a merchant wrote them down.
marks = Table(
    "marks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("day", String(10), nullable=False),  # "2026-11-20", of the shop's zone
    Column("words", String(200), nullable=False),
    Column("member_id", Id),
    Column("at", Moment, nullable=False),
    Column("removed_at", Moment),
    Index("ix_marks_day", "shop_id", "day"),
)
