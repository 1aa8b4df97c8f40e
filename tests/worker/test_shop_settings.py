"""What an operator sets for a shop, from the command line: all of it, or nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

import settings
from recovery import shops, tables, welcome
from recovery.database import Database
from recovery.reasons import Reason
from tests.conftest import SetClock
from tests.recovery.stories import rows
from worker.shop_settings import SETTINGS, NotSettable, change, show

DAY = 86400


@pytest.fixture
def database(database: Database, clock: SetClock) -> Database:
    """A real shop, a stand-in and the sandbox."""
    for key, more in (
        ("nord", {"platform": "shopify"}),
        ("standin", {"platform": "shopify", "stand_in": True}),
        ("sandbox", {"platform": "sandbox"}),
    ):
        values: dict[str, Any] = {"address": f"{key}.myshopify.com", "key": key} | more
        database.run(lambda db, values=values: shops.add(db, now=clock(), **values))  # type: ignore[misc]
    return database


def row_of(database: Database, key: str) -> Any:
    return next(row for row in rows(database, tables.shops) if row.key == key)


def values_of(database: Database, key: str) -> dict[str, Any]:
    row = row_of(database, key)
    return {name: getattr(row, name) for name in SETTINGS}


def refused(database: Database, key: str, *given: str) -> list[str]:
    """The lines of what is wrong; nothing changed."""
    before = rows(database, tables.shops)
    with pytest.raises(NotSettable) as wrong:
        change(database, key, given)
    assert rows(database, tables.shops) == before
    return str(wrong.value).splitlines()


def test_everything_is_set_at_once_in_that_shop_alone(database: Database) -> None:
    before = values_of(database, "standin")
    lines = change(
        database,
        "nord",
        [
            *("idle_seconds=2700", "delay_seconds=0", "cap_seconds=172800", "any_hour=no"),
            *("order_texts=refunded, confirmed", "double_opt_in=yes"),
            *("customers_may_be_texted=ON", "welcome_code=HELLO10", "email_double_opt_in=yes"),
            "other_addresses=https://Nord.example/,http://nord.example/shop",
            *("customers_may_be_mailed=yes", "guests_may_order=no", "smart_encoding=yes"),
            *("merchant_email=owner@nord.example", "postal_address=1 rue Haute | 69001 Lyon"),
            *("colour=#2A6F4E", "logo=https://nord.example/logo.png"),
            *('offer_policy={"person_offers":1}', 'credit_rule={"window_hours":12}'),
            'sms_prices={"FR":"0.07"}',
        ],
    )
    assert values_of(database, "nord") == {
        "idle_seconds": 2700,
        "delay_seconds": 0,
        "cap_seconds": 172800,
        "any_hour": False,
        "order_texts": "confirmed,refunded",
        "double_opt_in": True,
        "email_double_opt_in": True,
        "customers_may_be_texted": True,
        "welcome_code": "HELLO10",
        "other_addresses": "https://nord.example http://nord.example/shop",
        "customers_may_be_mailed": True,
        "guests_may_order": False,
        "smart_encoding": True,
        "merchant_email": "owner@nord.example",
        "postal_address": "1 rue Haute\n69001 Lyon",
        "colour": "#2a6f4e",
        "logo": "https://nord.example/logo.png",
        "offer_policy": '{"person_offers":1}',
        "credit_rule": '{"window_hours":12}',
        "sms_prices": '{"FR":"0.07"}',
    }
    assert values_of(database, "standin") == before
    assert lines == show(database, "nord")


def test_other_addresses_are_addresses(database: Database) -> None:
    (line,) = refused(database, "nord", "other_addresses=nord.example,//x")
    assert "addresses such as https://shop.example" in line
    change(database, "nord", ["other_addresses=https://nord.example"])
    assert "other_addresses=none" in change(database, "nord", ["other_addresses=none"])


def test_what_is_shown_can_be_set(database: Database) -> None:
    change(database, "nord", ["order_texts=shipped,out_for_delivery", "double_opt_in=yes"])
    shown = [line for line in show(database, "nord") if not line.startswith("#")]
    assert "order_texts=shipped,out_for_delivery" in shown
    assert len(shown) == len(SETTINGS)
    assert change(database, "nord", shown) == show(database, "nord")


def test_all_that_is_wrong_is_said_and_nothing_is_done(database: Database) -> None:
    lines = refused(
        database,
        "nord",
        *("idle_seconds=1800", "delay_seconds=soon", "any_hour=maybe", "poll_seconds=5"),
        *("order_texts=shipped,arrived", "double_opt_in", "idle_seconds=60"),
    )
    assert [line.partition(":")[0] for line in lines] == [
        *("delay_seconds", "any_hour", "poll_seconds", "order_texts", "double_opt_in"),
        "idle_seconds",
    ]
    assert "arrived" in lines[3] and "out_for_delivery" in lines[3]


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ("any_hour=yes", "stand-ins"),
        ("idle_seconds=899", "at least 900"),
        ("cap_seconds=86399", "one reminder a day"),
    ],
)
def test_what_a_real_shop_promises_cannot_be_set_away(
    database: Database, given: str, word: str
) -> None:
    (line,) = refused(database, "nord", "double_opt_in=yes", given)
    assert word in line
    for key in ("standin", "sandbox"):
        change(database, key, [given])
        name, _, words = given.partition("=")
        assert getattr(row_of(database, key), name) == (True if words == "yes" else int(words))


def test_idle_and_delay_must_leave_within_the_twelve_hours_together(database: Database) -> None:
    change(database, "nord", ["idle_seconds=21600", "delay_seconds=21600"])
    for given in ("idle_seconds=21601", "delay_seconds=21601"):
        (line,) = refused(database, "nord", given)
        assert "together" in line
    change(database, "nord", ["idle_seconds=21601", "delay_seconds=21599"])


@pytest.mark.parametrize("words", ["-1", "1.5", "", "1e3", "٣", "9999999999", " "])
def test_seconds_are_plain_numbers(database: Database, words: str) -> None:
    (line,) = refused(database, "nord", f"delay_seconds={words}")
    assert "a number of seconds" in line


@pytest.mark.parametrize("words", ["", "none"])
def test_texts_about_orders_can_be_switched_off(database: Database, words: str) -> None:
    change(database, "nord", ["order_texts=shipped"])
    assert "order_texts=none" in change(database, "nord", [f"order_texts={words}"])
    assert row_of(database, "nord").order_texts == ""


@pytest.mark.parametrize("words", ["", "none", "NONE"])
def test_the_welcome_code_can_be_taken_away(database: Database, words: str) -> None:
    assert "welcome_code=HELLO10" in change(database, "nord", ["welcome_code=HELLO10"])
    assert "welcome_code=none" in change(database, "nord", [f"welcome_code={words}"])
    assert row_of(database, "nord").welcome_code == ""


@pytest.mark.parametrize("words", ["TWO WORDS", "10%", "é", "A" * 41, "x.example", "{{ code }}"])
def test_a_welcome_code_is_one_plain_word(database: Database, words: str) -> None:
    (line,) = refused(database, "nord", f"welcome_code={words}")
    assert "letters, digits" in line


def test_another_welcome_code_ends_what_was_said_of_the_first(
    database: Database, clock: SetClock
) -> None:
    change(database, "nord", ["welcome_code=GONE"])
    shop_id = row_of(database, "nord").id
    database.run(lambda db: welcome.tell(db, shop_id, Reason.CODE_GONE, clock()))
    change(database, "nord", ["welcome_code=GONE", "double_opt_in=yes"], clock())
    assert rows(database, tables.notices)[0].over_at is None
    change(database, "nord", ["welcome_code=HELLO10"], clock())
    assert rows(database, tables.notices)[0].over_at == clock()


def test_a_rule_broken_before_holds_up_no_other_setting(database: Database) -> None:
    with database.transaction() as db:
        db.execute(tables.shops.update().values(idle_seconds=60))
    change(database, "nord", ["double_opt_in=yes"])
    assert row_of(database, "nord").double_opt_in


def test_an_unknown_shop_and_nothing_to_set_are_said(database: Database) -> None:
    assert refused(database, "unknown", "any_hour=no") == ["no shop has the key 'unknown'"]
    assert refused(database, "nord") == ["nothing is to be set; say name=value"]
    with pytest.raises(NotSettable):
        show(database, "unknown")


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("set", "nord", "order_texts=shipped", "idle_seconds=3600"), 0),
        (("show", "nord"), 0),
        (("set", "nord", "any_hour=yes", "cap_seconds=x"), 2),
        (("show", "nord", "idle_seconds=3600"), 2),
        (("set",), 2),
    ],
)
def test_from_the_command_line(
    database: Database, database_url: str, words: tuple[str, ...], status: int
) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "worker", *words],
        cwd=settings.HERE,
        env=os.environ
        | {
            "DATABASE_URL": database_url,
            "PUBLIC_URL": "https://relance.example",
            "SECRET_KEY": "a-secret-that-is-only-for-tests",
            "ENCRYPTION_KEYS": "a-key-that-is-only-for-tests",
            "CLOCK_FILE": "",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == status, told.stderr
    assert ("idle_seconds=" in told.stdout) is (status == 0)
    if words[0] == "set" and status == 0:
        assert (row_of(database, "nord").order_texts, "idle_seconds=3600" in told.stdout) == (
            *("shipped", True),
        )
    if len(words) == 4 and status == 2:
        assert "any_hour" in told.stderr and "cap_seconds" in told.stderr


@pytest.mark.parametrize(
    "given",
    [
        "merchant_email=nobody",
        'merchant_email="a b"@nord.example',
        "merchant_email=bob@[192.0.2.4]",
        "colour=red",
        "logo=http://nord.example/logo.png",
        'offer_policy={"colour":1}',
        'offer_policy={"budget":"100"}',
        'credit_rule={"click_days":400}',
        'sms_prices={"FR":"-1"}',
        "sms_prices=cheap",
    ],
)
def test_what_cannot_be_read_is_told_by_its_name(database: Database, given: str) -> None:
    (line,) = refused(database, "nord", given)
    assert line.startswith(given.partition("=")[0])


def test_a_command_is_kept_among_the_changes_that_a_merchant_sees(
    database: Database, clock: SetClock
) -> None:
    change(database, "nord", ["idle_seconds=2700"], clock())
    change(database, "nord", ["idle_seconds=2700"], clock())
    (kept,) = rows(database, tables.changes)
    assert (kept.member_id, kept.at, kept.subject) == (None, clock(), "shop")
    assert (kept.before, kept.after) == ('{"idle_seconds": 1800}', '{"idle_seconds": 2700}')
