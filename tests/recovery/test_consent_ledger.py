"""The ledger: what a row says of where it came from, and that none is ever changed."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import recovery
from connectors.shopify.proxy import Visit, read_contact
from connectors.woocommerce.plugin import read_carts
from recovery import consent, consent_words, receipts, tables, write_back
from recovery.consent_words import Kind, ip_of, is_ours, kind_of, language_of, page_of, words_of
from recovery.database import Database
from recovery.model import Channel, Consent, CustomerSeen, Shopper
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stories import EMAIL, MINUTES, PHONE, a_cart, a_shop, a_shopper, record, rows
from tests.recovery.test_consent import has_agreed, is_stopped, reply

HOUSE = Path(recovery.__file__).parents[1]


def tell(database: Database, shop: ShopRow, *words: Consent, now: datetime) -> None:
    """Somebody says each of these."""
    for word in words:
        seen = CustomerSeen(Shopper(country="FR", consents=(word,)), word.at)
        record(database, shop, seen, now=now)


def ledger(database: Database, *columns: str) -> list[Any]:
    return rows(database, tables.consents, *columns)


def test_a_yes_of_our_own_box_keeps_its_language_its_page_and_its_ip(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    page = "https://nord.example/caisse/?email=ana@example.com#top"
    where = ("fr_FR", page, "2001:DB8::1")
    tell(
        database,
        shop,
        Consent(Channel.SMS, PHONE, True, "checkout", clock(), "Oui, par SMS", *where),
        now=clock(),
    )
    (row,) = ledger(database)
    told = (row.words, row.language, row.page, row.ip)
    assert told == ("Oui, par SMS", "fr-FR", "https://nord.example/caisse/", "2001:db8::1")


@pytest.mark.parametrize(
    ("source", "granted"), [("shopify checkout", True), ("checkout", False), ("unheard of", True)]
)
def test_neither_a_no_nor_what_others_collected_keeps_page_or_ip(
    database: Database, clock: SetClock, source: str, granted: bool
) -> None:
    shop = a_shop(database, clock())
    where = ("de", "https://nord.example/", "198.51.100.7")
    word = Consent(Channel.EMAIL, EMAIL, granted, source, clock(), "Ja", *where)
    tell(database, shop, word, now=clock())
    (row,) = ledger(database)
    assert (row.language, row.page, row.ip) == ("de", None, None)


def test_the_plugin_tells_language_and_ip_with_the_cart(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock(), country="DE")
    at = clock().isoformat()
    body = (
        '{"version": 1, "carts": [{"key": "0d6a4e7c-made-up", "currency": "EUR",'
        f' "created_at": "{at}", "changed_at": "{at}", "totals": {{"total": "9.00"}},'
        ' "locale": "de_DE_formal", "ip": "198.51.100.7", "lines": [{"quantity": 1, "total": "9"}],'
        ' "consents": [{"channel": "email", "granted": true, "address": "ana@example.com",'
        f' "at": "{at}", "words": "Ja, gern"}}]}}]}}'
    )
    record(database, shop, *read_carts(body.encode(), clock()), now=clock())
    (row,) = ledger(database)
    assert (row.source, row.language, row.ip) == ("checkout", "de-DE", "198.51.100.7")


def test_the_box_in_a_theme_tells_where_it_stood(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    visit = Visit(shop.address, "s", page="https://nord.example/products/tasse?x=1", ip="192.0.2.9")
    body = b"phone=0612345678&country=FR&locale=fr&marketing=Oui"
    record(database, shop, *read_contact(body, visit, clock()), now=clock())
    (row,) = ledger(database)
    told = (row.source, row.language, row.page, row.ip)
    assert told == ("embed", "fr", "https://nord.example/products/tasse", "192.0.2.9")


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("fr", "fr"),
        ("de_DE_formal", "de-DE"),
        ("PT-br", "pt-BR"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("deutsch", None),
        ("", None),
        (None, None),
    ],
)
def test_a_language_has_one_form(locale: str | None, language: str | None) -> None:
    assert language_of(locale) == language
    assert len(language or "") <= 10


def test_what_is_no_address_is_none() -> None:
    assert [page_of(each) for each in ("javascript:x", "https://[a", "", None)] == [None] * 4
    assert page_of("https://a.example:8443/x?y#z") == "https://a.example/x"
    assert [ip_of(each) for each in ("", "unknown", "1.2.3", None)] == [None] * 4
    assert ip_of("fe80::1%eth0") == "fe80::1"


def test_every_kind_of_source_is_listed_with_words_in_two_languages() -> None:
    listed = {source.kind for source in consent_words.SOURCES.values()}
    assert listed == set(Kind)
    for name, source in consent_words.SOURCES.items():
        assert source.en != source.fr, name
        assert (words_of(name), words_of(name, "fr-CA")) == (source.en, source.fr)


def test_every_source_in_the_code_is_listed() -> None:
    from connectors.sandbox import shop as sandbox
    from connectors.shopify import proxy, shoppers
    from recovery import opt_in

    told = {sandbox.CONSENT_SOURCE, proxy.SOURCE, opt_in.CONFIRMED, *opt_in.BOXES}
    told |= {shoppers.CHECKOUT_CONSENT, shoppers.CUSTOMER_CONSENT, "checkout"}
    assert told - set(consent_words.SOURCES) == set()
    assert all(is_ours(source) for source in opt_in.BOXES)


def test_the_note_of_a_stop_is_said_in_words() -> None:
    assert words_of("stop by reply") == "stop: reply to a message"
    assert words_of("start by reply", "fr") == "stop repris : réponse à un message"
    assert (kind_of("stop by link"), kind_of("something else")) == (Kind.LINK, None)
    assert words_of("something else") == "something else"


def test_stop_and_start_are_rows_of_the_ledger_with_the_persons_own_words(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    reply(database, "Stop svp", clock(), "r1")
    reply(database, "START", clock.forward(minutes=1), "r2")
    found = ledger(database, "source", "granted", "words", "at")
    assert found == [
        ("stop by reply", False, "Stop svp", clock() - MINUTES),
        ("start by reply", True, "START", clock()),
    ]
    with database.reading() as db:
        key = (shop.id, "sms", PHONE)
        assert consent.latest(db, {key}) == {}  # neither is a consent


def test_a_stop_leaves_the_yes_in_the_ledger_as_it_was(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    tell(database, shop, Consent(Channel.SMS, PHONE, True, "checkout", clock()), now=clock())
    reply(database, "STOP", clock.forward(minutes=1))
    assert (has_agreed(database, shop), is_stopped(database, shop)) == (True, True)


def test_start_undoes_the_no_by_which_the_platform_repeats_our_stop(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    tell(database, shop, Consent(Channel.SMS, PHONE, True, "checkout", clock()), now=clock())
    reply(database, "STOP", clock.forward(minutes=1), "r1")
    echo = Consent(Channel.SMS, PHONE, False, "shopify customer", clock.forward(minutes=1))
    tell(database, shop, echo, now=clock())
    reply(database, "START", clock.forward(minutes=1), "r2")
    assert (has_agreed(database, shop), is_stopped(database, shop)) == (True, False)
    assert ledger(database, "source")[-1].source == "reply"


def test_a_start_without_a_stop_says_nothing(database: Database, clock: SetClock) -> None:
    a_shop(database, clock())
    reply(database, "START", clock())
    assert ledger(database) == []


def test_no_row_is_ever_changed(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    held: list[Any] = []
    for granted in (True, True, False, True, False, False, True):
        at = clock.forward(minutes=1)
        tell(database, shop, Consent(Channel.SMS, PHONE, granted, "checkout", at, "x"), now=at)
        reply(database, "STOP" if granted else "START", at + timedelta(seconds=9), f"r{at}")
        found = ledger(database)
        assert found[: len(held)] == held
        held = found
    assert len(held) > 7


def test_no_line_of_code_changes_a_row() -> None:
    changes = re.compile(r"update\(\s*(_CONSENTS|(tables\.)?consents)\b|consents\.update\(", re.I)
    code = [path for room in ("recovery", "worker", "web") for path in (HOUSE / room).rglob("*.py")]
    assert len(code) > 100
    assert [path.name for path in code if changes.search(path.read_text())] == []


# -- told to the platform --------------------------------------------------------------------


def a_customers_cart(database: Database, shop: ShopRow, clock: SetClock) -> None:
    who = a_shopper(clock(), agreed=False, customer_key="4711")
    record(database, shop, a_cart(clock(), shopper=who), now=clock())


def untold(database: Database, shop: ShopRow, now: datetime) -> list[write_back.Untold]:
    with database.reading() as db:
        stops = write_back.stops_to_write_back(db, shop.id)
        return stops + write_back.consents_to_write_back(db, shop.id, now)


def test_stops_of_both_channels_are_told_once(database: Database, clock: SetClock) -> None:
    from recovery import stopping

    shop = a_shop(database, clock())
    a_customers_cart(database, shop, clock)
    for channel, address in ((Channel.SMS, PHONE), (Channel.EMAIL, EMAIL)):
        database.run(
            lambda db, to=(channel, address): stopping.stop_address(  # type: ignore[misc]
                db, shop.id, *to, "link", clock()
            )
        )
    found = untold(database, shop, clock())
    told = {(each.channel, each.address, each.customer_key, each.granted) for each in found}
    assert told == {(Channel.SMS, PHONE, "4711", False), (Channel.EMAIL, EMAIL, "4711", False)}
    for each in found:
        database.run(
            lambda db, each=each: write_back.wrote_stop(  # type: ignore[misc]
                db, shop.id, each.channel, each.address, each.at, clock()
            )
        )
    assert untold(database, shop, clock()) == []


def test_a_stop_said_anew_while_the_first_was_told_is_told_too(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    a_customers_cart(database, shop, clock)
    database.run(lambda db: receipts.stop_at_shop(db, shop.id, PHONE, "reply", clock()))
    (first,) = untold(database, shop, clock())
    clock.forward(minutes=1)
    database.run(lambda db: receipts.stop_at_shop(db, shop.id, PHONE, "reply", clock()))
    database.run(lambda db: write_back.wrote_stop(db, shop.id, "sms", PHONE, first.at, clock()))
    assert [each.at for each in untold(database, shop, clock())] == [clock()]


def test_a_yes_by_start_is_told_once_and_not_after_another_stop(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    a_customers_cart(database, shop, clock)
    tell(database, shop, Consent(Channel.SMS, PHONE, True, "checkout", clock()), now=clock())
    reply(database, "STOP", clock.forward(minutes=1), "r1")
    reply(database, "START", clock.forward(minutes=1), "r2")
    (yes,) = untold(database, shop, clock())
    assert (yes.granted, yes.customer_key, yes.source, yes.at) == (True, "4711", "reply", clock())
    reply(database, "STOP", clock.forward(minutes=1), "r3")
    assert [each.granted for each in untold(database, shop, clock())] == [False]
    reply(database, "START", clock.forward(minutes=1), "r4")
    (yes,) = untold(database, shop, clock())
    database.run(lambda db: write_back.wrote_consent(db, shop.id, yes, clock()))
    assert untold(database, shop, clock()) == []
    assert has_agreed(database, shop)


def test_a_yes_of_a_box_is_the_shops_own_and_not_told_back(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    a_customers_cart(database, shop, clock)
    tell(database, shop, Consent(Channel.SMS, PHONE, True, "checkout", clock()), now=clock())
    assert untold(database, shop, clock()) == []
