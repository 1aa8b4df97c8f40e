"""Words for stories about offers: a shop, carts that are left, steps that ask for an offer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from recovery import (
    offer_codes,
    offer_rows,
    programmes,
    reward_rows,
    shops,
    states,
    tables,
    unsent_offers,
)
from recovery.database import Database
from recovery.model import Channel, Coupon, Totals
from recovery.offer_codes import Asked
from recovery.offer_rows import Verdict
from recovery.programme_form import Delay, Incentive, Programme, Start, Step
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.channel_stories import save
from tests.recovery.stories import a_cart, a_line, a_shop, a_shopper, an_order, record, rows, tick

HOUR = 3600
TEN = Incentive(kind="percent", value=Decimal(10))
STEPS = Programme(
    start=Start.CART,
    holdout=0.0,
    steps=tuple(
        Step(number=each, channel=Channel.SMS, delay=Delay(below=each * HOUR)) for each in (1, 2, 3)
    ),
)


class Till:
    """A shop whose codes are made and taken away by hand, and its offers' rows."""

    def __init__(self, database: Database, clock: SetClock, **settings: Any) -> None:
        self.database, self.clock = database, clock
        self.shop: ShopRow = a_shop(database, clock(), **settings)
        save(database, self.shop, STEPS, clock)

    def left_cart(self, key: str = "token:c1", total: str = "60.00", **shopper: Any) -> Any:
        """A cart that was left half an hour ago; its row."""
        values = {"shopper": a_shopper(self.clock(), **shopper), "totals": Totals(Decimal(total))}
        lines = (a_line(price=total),)
        cart = a_cart(self.clock(), key=key, lines=lines, **values)
        record(self.database, self.shop, cart, now=self.clock())
        tick(self.database, self.clock.forward(minutes=31))
        return next(row for row in rows(self.database, tables.carts) if row.key == key)

    def reminder(self, cart: Any, step: int) -> Any:
        """The reminder of that step."""
        found = rows(self.database, tables.reminders)
        asked = (cart.id, step, "cart")
        return next(row for row in found if (row.cart_id, row.step, row.programme) == asked)

    def ask(
        self, cart: Any, step: int, incentive: Incentive | None = TEN, reminder: Any = None
    ) -> Verdict:
        """What this step may promise now."""
        found = reminder or self.reminder(cart, step)
        form = Step(number=step, channel=Channel.SMS, delay=Delay(0), incentive=incentive)
        self.shop = self.fresh_shop()
        return self.database.run(
            lambda db: offer_rows.for_step(db, cart, self.shop, found.id, form, self.clock())
        )

    def fresh_shop(self) -> ShopRow:
        """The shop with its settings of now."""
        with self.database.reading() as db:
            found = shops.by_id(db, self.shop.id)
        assert found is not None
        return found

    def set_shop(self, **values: Any) -> None:
        """Change the shop's settings."""
        with self.database.transaction() as db:
            db.execute(tables.shops.update().values(**values))

    def due(self) -> Sequence[tuple[str, int]]:
        """What the clock hands out now: job and offer."""
        batches = self.database.run(lambda db: offer_codes.hand_out(db, self.clock()))
        return [(batch.job, each) for batch in batches for each in batch.offer_ids]

    def claim(self, offer_id: int) -> Asked:
        """A worker takes this offer, to make its code."""
        asked = self.database.run(lambda db: offer_codes.to_make(db, offer_id, self.clock()))
        assert asked is not None
        return asked

    def make(self) -> list[Coupon]:
        """The shop makes all codes that are due; what it made."""
        made = []
        for job, offer_id in self.due():
            if job == offer_codes.MAKE:
                offer = self.claim(offer_id).offer
                coupon = Coupon(offer.code, f"k{offer_id}", offer.ends_at)
                self.say_made(offer_id, coupon)
                made.append(coupon)
        return made

    def say_made(self, offer_id: int, coupon: Coupon) -> bool:
        """The shop has it."""
        return self.database.run(lambda db: offer_codes.made(db, offer_id, coupon, self.clock()))

    def say_no(
        self, offer_id: int, words: str, after: timedelta | None = None, unsure: bool = False
    ) -> None:
        """The shop did not say that it made it."""
        at = None if after is None else self.clock() + after
        self.database.run(
            lambda db: offer_codes.not_made(db, offer_id, words, at, self.clock(), unsure=unsure)
        )

    def taken_away(self) -> list[int]:
        """The shop takes away all codes that are due to go."""
        gone = []
        for job, offer_id in self.due():
            if job == offer_codes.REMOVE:
                asked = self.database.run(
                    lambda db, each=offer_id: offer_codes.to_remove(db, each, self.clock())
                )
                if asked is not None:
                    self.database.run(
                        lambda db, each=offer_id: offer_codes.removed(db, each, self.clock())
                    )
                    gone.append(offer_id)
        return gone

    def leaves(self, cart: Any, step: int, tell: bool = True) -> Any:
        """The reminder of that step is sent now; the row of its offer."""
        found = self.reminder(cart, step)
        self._move(found.id, "claim", "accept", sent_at=self.clock())
        if tell:
            self.database.run(lambda db: offer_rows.announced(db, [found.id], self.clock()))
        return self.offer(found.id)

    def is_skipped(self, cart: Any, step: int) -> None:
        """The reminder of that step ends without having left."""
        self._move(self.reminder(cart, step).id, "skip", settled_at=self.clock())

    def _move(self, reminder_id: int, *events: str, **also: Any) -> None:
        with self.database.transaction() as db:
            for event in events:
                assert states.move(db, tables.reminders, reminder_id, event, also)

    def offer(self, reminder_id: int | None = None) -> Any:
        """The newest offer, of that reminder."""
        found = rows(self.database, tables.offers)
        return [row for row in found if reminder_id in (None, row.reminder_id)][-1]

    @property
    def stands(self) -> list[str]:
        """How all offers stand, by id."""
        return [row.stand for row in rows(self.database, tables.offers)]

    def promised(self, cart: Any, step: int = 2, incentive: Incentive = TEN) -> Any:
        """An incentive is decided, its code made, and its message sent; its row."""
        self.ask(cart, step, incentive)
        self.make()
        self.ask(cart, step, incentive)
        return self.leaves(cart, step)

    def buys(self, key: str = "o1", cart: str | None = None, **different: Any) -> Any:
        """An order comes, of that cart if one is named; its row."""
        at = different.pop("at", None) or self.clock()
        keys = (cart,) if cart else ()
        order = an_order(at, key=key, cart_keys=keys, **different)
        self.comes(order)
        return next(row for row in rows(self.database, tables.orders) if row.key == key)

    def comes(self, order: Any) -> None:
        """Let a snapshot of an order come in, as it does: with its offers, in one transaction."""
        record(self.database, self.shop, order, now=self.clock())
        self.database.run(lambda db: reward_rows.order_seen(db, self.shop, order.key, self.clock()))

    def know_orders(self, until: datetime) -> None:
        """As if a poll of orders had just ended."""
        self.set_shop(orders_known_until=until)

    def sweep(self) -> None:
        """What the clock does."""
        self.database.run(lambda db: unsent_offers.sweep(db, self.clock()))
        self.database.run(lambda db: reward_rows.sweep(db, self.clock()))

    def set_policy(self, text: str) -> None:
        """The merchant's rules."""
        self.set_shop(offer_policy=text)

    def notices(self) -> list[str]:
        """What stands against this shop."""
        found = rows(self.database, tables.notices)
        return [row.words for row in found if row.over_at is None]


__all__ = ["STEPS", "TEN", "Till", "programmes"]
