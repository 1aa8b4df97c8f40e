"""What a web process keeps in mind of a shop, and for how long."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from recovery import shops, tables
from recovery.shops import ShopRow
from tests.web.stage import Stage

KEY = ("key", "pots")


def let_it_be(stage: Stage, seconds: float) -> None:
    """As if the shop's row had been read so long ago."""
    known = stage.tools._known
    kept = known[KEY]
    known[KEY] = replace(kept, until=kept.until - seconds, at_last=kept.at_last - seconds)


def told_during_a_read(stage: Stage) -> str:
    """The shop's name as a second request sees it while the first reads the row anew."""
    told: list[str] = []

    def find(db: Connection) -> ShopRow | None:
        found = stage.tools.shop_by_key("woocommerce", "pots")
        assert found is not None
        told.append(found[0].name)
        return shops.by_key(db, "pots")

    stage.tools._shop(KEY, find)
    return told[0]


def a_shop_that_changed(stage: Stage) -> None:
    stage.a_woocommerce_shop(name="Old")
    stage.tools.shop_by_key("woocommerce", "pots")
    change = tables.shops.update().values(name="New")  # by another process
    stage.database.run(lambda db: db.execute(change))


def test_while_one_request_reads_a_shop_anew_others_go_on_with_what_was_known(
    stage: Stage,
) -> None:
    a_shop_that_changed(stage)
    let_it_be(stage, 5.1)
    assert told_during_a_read(stage) == "Old"


def test_what_was_read_long_ago_is_used_no_more(stage: Stage) -> None:
    a_shop_that_changed(stage)
    let_it_be(stage, 3600)
    assert told_during_a_read(stage) == "New"
