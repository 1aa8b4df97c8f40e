"""Trouble reaches the merchant by e-mail: once, not in storms, in their language."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from recovery import accounts, alert_words, alerts, notices, tables
from recovery.alerts import Alert
from recovery.database import Database
from recovery.model import Channel
from recovery.secrets import Keys
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stories import a_shop, rows

MIRA = "mira@nord.example"


def a_merchant(database: Database, clock: SetClock, address: str = "", **more: Any) -> ShopRow:
    """A shop whose merchant can be written to."""
    shop = a_shop(database, clock(), **({"address": address} if address else {}))

    def work(db: Any) -> None:
        keys = Keys(["a-key-that-is-only-for-tests"])
        mail = accounts.keep(
            db, keys, "mail", "sandbox", "shop@nord.example", {}, channel=Channel.EMAIL
        )
        values = {"email_account_id": mail.id, "merchant_email": MIRA, "locale": "fr"} | more
        db.execute(update(tables.shops).where(tables.shops.c.id == shop.id).values(**values))

    database.run(work)
    return shop


def told(database: Database, now: datetime) -> list[Alert]:
    """What a worker would send now."""
    database.run(lambda db: alerts.collect(db, now))
    ids = database.run(lambda db: alerts.hand_out(db, now))
    claimed = [database.run(lambda db, one=each: alerts.claim(db, one, now)) for each in ids]
    return [each for each in claimed if each is not None]


def trouble(database: Database, subject: str, now: datetime, shop_id: int | None = None) -> None:
    database.run(lambda db: notices.tell(db, subject, "It broke <here>.", now, shop_id))


def test_a_trouble_that_stands_is_told_once(database: Database, clock: SetClock) -> None:
    shop = a_merchant(database, clock)
    trouble(database, f"shop.{shop.id}.poll", clock(), shop.id)
    assert told(database, clock.forward(minutes=4)) == []
    (alert,) = told(database, clock.forward(minutes=2))
    assert alert.email.recipient == MIRA
    assert alert.email.subject.startswith("Votre boutique ne répond pas")
    assert "It broke <here>." in alert.email.text and "&lt;here&gt;" in alert.email.html
    database.run(lambda db: alerts.sent(db, alert, clock()))
    assert told(database, clock.forward(hours=30)) == []


def test_a_trouble_that_ends_at_once_is_not_told(database: Database, clock: SetClock) -> None:
    shop = a_merchant(database, clock)
    trouble(database, f"shop.{shop.id}.poll", clock(), shop.id)
    database.run(lambda db: notices.settle(db, f"shop.{shop.id}.poll", clock()))
    assert told(database, clock.forward(minutes=10)) == []


def test_what_comes_and_goes_is_told_once_a_day(database: Database, clock: SetClock) -> None:
    shop = a_merchant(database, clock)
    subject, sent = f"shop.{shop.id}.poll", 0
    for _ in range(60):  # each half hour, for thirty hours
        trouble(database, subject, clock(), shop.id)
        for alert in told(database, clock.forward(minutes=10)):
            sent += 1
            database.run(lambda db, one=alert: alerts.sent(db, one, clock()))
        database.run(lambda db: notices.settle(db, subject, clock()))
        clock.forward(minutes=20)
    assert sent == 2


def test_many_troubles_are_no_storm(database: Database, clock: SetClock) -> None:
    shop = a_merchant(database, clock)
    for number in range(30):
        trouble(database, f"shop.{shop.id}.t{number}", clock(), shop.id)
    assert len(told(database, clock.forward(minutes=10))) == alerts.MOST_A_DAY
    assert told(database, clock.forward(minutes=10)) == []


def test_an_account_s_trouble_is_told_to_the_shops_that_use_it(
    database: Database, clock: SetClock
) -> None:
    one = a_merchant(database, clock)
    two = a_merchant(database, clock, "sud.myshopify.com", merchant_email="sud@example.com")
    a_merchant(database, clock, "est.myshopify.com", account_id=None)
    assert one.account_id == two.account_id
    trouble(database, f"account.{one.account_id}.stopped", clock())
    found = told(database, clock.forward(minutes=10))
    assert sorted(each.email.recipient for each in found) == [MIRA, "sud@example.com"]


def test_the_servers_own_trouble_is_told_to_everybody(database: Database, clock: SetClock) -> None:
    a_merchant(database, clock)
    a_merchant(database, clock, "sud.myshopify.com", merchant_email="sud@example.com")
    trouble(database, "server.clock", clock())
    assert len(told(database, clock.forward(minutes=10))) == 2


@pytest.mark.parametrize("state", ["uninstalled", "erased"])
def test_a_shop_that_left_hears_no_more(database: Database, clock: SetClock, state: str) -> None:
    shop = a_merchant(database, clock, state=state)
    trouble(database, f"shop.{shop.id}.poll", clock(), shop.id)
    assert told(database, clock.forward(minutes=10)) == []


def test_without_an_address_it_waits_and_is_told_when_there_is_one(
    database: Database, clock: SetClock
) -> None:
    shop = a_merchant(database, clock, merchant_email=None)
    trouble(database, f"shop.{shop.id}.poll", clock(), shop.id)
    assert told(database, clock.forward(minutes=10)) == []
    database.run(lambda db: db.execute(update(tables.shops).values(merchant_email=MIRA)))
    assert len(told(database, clock.forward(minutes=10))) == 1


def test_a_worker_that_died_in_the_call_leaves_it_unsent_for_good(
    database: Database, clock: SetClock
) -> None:
    shop = a_merchant(database, clock)
    trouble(database, f"shop.{shop.id}.poll", clock(), shop.id)
    assert len(told(database, clock.forward(minutes=10))) == 1
    assert told(database, clock.forward(minutes=30)) == []
    assert [row.error for row in rows(database, tables.alerts)] == [alerts.UNKNOWN]


def test_what_is_put_off_is_tried_again_while_the_trouble_stands(
    database: Database, clock: SetClock
) -> None:
    shop = a_merchant(database, clock)
    trouble(database, f"shop.{shop.id}.poll", clock(), shop.id)
    (alert,) = told(database, clock.forward(minutes=10))
    again = clock() + timedelta(minutes=1)
    database.run(lambda db: alerts.later(db, alert.id, again, "busy"))
    assert len(told(database, clock.forward(minutes=2))) == 1
    database.run(lambda db: alerts.later(db, alert.id, clock(), "busy"))
    database.run(lambda db: notices.settle(db, f"shop.{shop.id}.poll", clock()))
    assert told(database, clock.forward(minutes=2)) == []


#: How a notice's subject is written where it is told: f"shop.{shop.id}.poll".
SUBJECTS = re.compile(r'f"(?:shop|account)\.\{[a-z_.]+\}\.([a-z_]+)"|"server\.([a-z_]+)"')


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_trouble_has_words_of_its_own(language: str) -> None:
    """A page of the shop that says "the page of your shop says more" helps nobody."""
    root = Path(alert_words.__file__).parent.parent
    sources = [
        file for folder in ("recovery", "web", "worker") for file in (root / folder).rglob("*.py")
    ]
    kinds = {"".join(found) for file in sources for found in SUBJECTS.findall(file.read_text())}
    assert len(kinds) > 20
    nothing = alert_words.about("shop.1.", language)
    assert [
        kind for kind in sorted(kinds) if alert_words.about(f"shop.1.{kind}", language) == nothing
    ] == []


def test_who_could_not_be_told_at_first_is_told_when_another_shop_was(
    database: Database, clock: SetClock
) -> None:
    one = a_merchant(database, clock)
    two = a_merchant(database, clock, address="two.myshopify.com", merchant_email=None)
    account = rows(database, tables.shops)[0].email_account_id
    trouble(database, f"account.{account}.stopped", clock())
    found = told(database, clock.forward(minutes=10))
    assert [alert.shop_id for alert in found] == [one.id]
    database.run(lambda db: alerts.sent(db, found[0], clock()))
    now_there = update(tables.shops).where(tables.shops.c.id == two.id).values(merchant_email=MIRA)
    database.run(lambda db: db.execute(now_there))
    assert [alert.shop_id for alert in told(database, clock.forward(hours=1))] == [two.id]
