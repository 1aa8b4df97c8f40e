"""What a merchant wishes: read field by field, kept within the rules, and followed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery import changes, offer_policy, offer_wishes, sending_wishes, shops, tables
from recovery.database import Database
from recovery.email_look import LIGHT, contrast
from recovery.mail_wishes import colour, darker, email, logo, selector
from recovery.offer_facts import Gift, Incentive, Policy
from recovery.offer_words import Why
from recovery.sending_hours import ELSEWHERE, FRANCE, UNKNOWN_STATE, US_STATES, rule_for
from recovery.shop_sections import SECTIONS, own_prices, section_of
from recovery.shop_wishes import NotSo, Section
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.offer_decisions import CART, FIVE_EUROS, decided
from tests.recovery.stories import a_cart, a_shop, accept, know_orders, record, rows, tick

SUNDAY, MONDAY = date(2026, 11, 22), date(2026, 11, 23)


def values(database: Database, shop: ShopRow, section: Section) -> dict[str, Any]:
    with database.reading() as db:
        return changes.values_of(db, shop.id, section.columns)


def wrongs(
    database: Database, shop: ShopRow, key: str, **typed: str
) -> dict[str, tuple[str, dict[str, object]]]:
    """What is wrong with a section's form, if these of its fields are typed differently."""
    section = SECTIONS[key]
    stands = values(database, shop, section)
    found = section.read(section.shown(stands, shop) | typed, stands, shop)
    assert not (found.values and found.wrong)
    return {name: (each.why, each.about) for name, each in found.wrong.items()}


def read(database: Database, shop: ShopRow, key: str, **typed: str) -> dict[str, Any]:
    section = SECTIONS[key]
    stands = values(database, shop, section)
    found = section.read(section.shown(stands, shop) | typed, stands, shop)
    assert not found.wrong
    return found.values


@pytest.mark.parametrize("key", SECTIONS)
def test_a_form_that_is_sent_as_it_was_shown_changes_nothing(
    database: Database, clock: SetClock, key: str
) -> None:
    rules = Policy("EUR", budget=Decimal("120.50"), excluded_products=frozenset({"7", "8"}))
    shop = a_shop(
        database,
        clock(),
        idle_seconds=1801,
        offer_policy=offer_policy.written(rules),
        sms_prices='{"FR": "0.07125"}',
        order_texts="confirmed,refunded",
        other_addresses="https://a.example https://b.example:8443/shop",
        postal_address="1 quai\nBrest",
        colour="#24453b",
        customers_may_be_texted=True,
        credit_rule='{"click_days":3}',
    )
    assert read(database, shop, key) == values(database, shop, SECTIONS[key])


def test_every_column_is_set_in_one_section_only() -> None:
    columns = [column for each in SECTIONS.values() for column in each.columns]
    assert len(columns) == len(set(columns))
    assert set(columns) <= set(tables.shops.c.keys())
    assert section_of("colour") is SECTIONS["look"]
    assert section_of("credentials") is None


# -- hours -------------------------------------------------------------------------------------


def test_a_wish_only_takes_hours_away() -> None:
    wished = FRANCE.narrowed(9, 18, on_sundays=True)
    assert wished.window(MONDAY) == (time(9), time(18))
    assert wished.window(SUNDAY) is None  # the law's own
    assert wished.calendars == FRANCE.calendars
    assert ELSEWHERE.narrowed(None, 20, on_sundays=False).window(SUNDAY) is None
    assert ELSEWHERE.narrowed(0, 24, on_sundays=True).window(MONDAY) == (time(8), time(21))
    assert FRANCE.narrowed(None, None, on_sundays=True) is FRANCE


@pytest.mark.parametrize("rule", [FRANCE, ELSEWHERE, UNKNOWN_STATE, *US_STATES.values()])
@pytest.mark.parametrize("opens", [None, *sending_wishes.FROM])
@pytest.mark.parametrize("closes", [None, *sending_wishes.UNTIL])
def test_no_wish_closes_a_day_or_goes_past_the_law(
    rule: Any, opens: int | None, closes: int | None
) -> None:
    law, wished = rule.window(MONDAY), rule.narrowed(opens, closes, True).window(MONDAY)
    assert wished is not None
    assert law[0] <= wished[0] < wished[1] <= law[1]
    assert wished[1].hour - wished[0].hour >= 5


def test_texts_leave_in_the_hours_that_the_merchant_wishes(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock(), texts_from=12)
    record(database, shop, a_cart(clock()), now=clock())  # at 10:00 in Paris
    clock.forward(hours=1)
    know_orders(database, shop, clock())
    assert tick(database, clock()) == []
    (planned,) = rows(database, tables.reminders)
    assert planned.due_at == datetime(2026, 11, 18, 11, 0, tzinfo=UTC)
    clock.forward(hours=1)
    know_orders(database, shop, clock())
    assert len(tick(database, clock())) == 1


def test_hours_that_were_narrowed_meanwhile_hold_what_is_planned(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    clock.forward(minutes=50)
    tick(database, clock())
    with database.transaction() as db:
        changes.set_of_shop(db, shop.id, {"texts_from": 12}, clock())
    clock.forward(minutes=10)
    know_orders(database, shop, clock())
    assert tick(database, clock()) == []
    (held,) = rows(database, tables.reminders)
    assert held.due_at == datetime(2026, 11, 18, 11, 0, tzinfo=UTC)


def test_a_number_gets_as_few_texts_a_week_as_the_merchant_wishes(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock(), texts_a_week=1)
    left = []
    for each in range(3):
        record(database, shop, a_cart(clock(), f"token:c{each}"), now=clock())
        clock.forward(hours=1)
        know_orders(database, shop, clock())
        letters = tick(database, clock())
        accept(database, letters, clock())
        left.append(len(letters))
        clock.forward(days=1 if each == 0 else 7, hours=-1)
    assert left == [1, 0, 1]


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"texts_from": "8"}, {"texts_from": "choose"}),
        ({"texts_from": "9\x00"}, {"texts_from": "choose"}),
        ({"texts_until": "21"}, {"texts_until": "choose"}),
        ({"cap_seconds": "3600"}, {"cap_seconds": "choose"}),
        ({"cap_seconds": "-1"}, {"cap_seconds": "number"}),
        ({"texts_a_week": "4"}, {"texts_a_week": "between"}),
        ({"texts_a_week": "1e0"}, {"texts_a_week": "number"}),
        ({"idle_minutes": "14"}, {"idle_minutes": "idle_too_short"}),
        ({"idle_minutes": "٣٠"}, {"idle_minutes": "number"}),
        (
            {"idle_minutes": "700", "delay_minutes": "21"},
            {"idle_minutes": "past_promise", "delay_minutes": "past_promise"},
        ),
    ],
)
def test_what_no_shop_may_have_is_refused_at_its_field(
    database: Database, clock: SetClock, typed: dict[str, str], wrong: dict[str, str]
) -> None:
    shop = a_shop(database, clock())
    found = wrongs(database, shop, "sending", **typed)
    assert {name: why for name, (why, _) in found.items()} == wrong


def test_the_sandbox_may_be_quicker(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock(), stand_in=True)
    assert read(database, shop, "sending", idle_minutes="1")["idle_seconds"] == 60


def test_the_countries_of_shoppers_follow_the_shops_own(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    with database.transaction() as db:
        assert sending_wishes.main_countries(db, shop) == ["FR"]
        hours = sending_wishes.hours_in(
            ["FR", "US"], {"texts_from": 10, "texts_until": None, "texts_on_sundays": True}
        )
    assert [(each.country, each.law) for each in hours] == [
        ("FR", rule_for("FR")),
        ("US", rule_for("US")),
    ]
    assert hours[0].wished.opens == time(10)
    assert sending_wishes.clock(time(9, 30)) == "09:30"


# -- offers ------------------------------------------------------------------------------------


def test_no_discount_is_larger_than_the_shops_largest() -> None:
    small = Policy("EUR", most_percent=Decimal(8))
    decision = decided(policy=small)
    assert decision.terms is not None
    assert (decision.terms.value, decision.cost) == (Decimal(8), Decimal("4.80"))
    assert Why.BOUND_BY_SHOP in decision.reasons
    five = decided(asked=FIVE_EUROS, policy=small)  # of a cart of 60
    assert five.terms is not None
    assert five.terms.value == Decimal("4.80")
    assert decided(policy=Policy("EUR", most_percent=Decimal(10))).reasons == (Why.PROSPECT,)
    assert decided(policy=Policy("EUR", most_percent=Decimal(0))).gift is Gift.NONE


def test_an_offer_leaves_the_shop_its_floor_of_margin() -> None:
    policy = Policy("EUR", margin=Decimal(40), margin_floor=Decimal(34))
    assert policy.largest == Decimal(9)  # (40 - 9) / 91 is 34.07 %, (40 - 10) / 90 is 33.3 %
    assert replace(policy, most_percent=Decimal(5)).largest == Decimal(5)
    assert Policy("EUR", margin=Decimal(40)).largest is None
    decision = decided(cart=replace(CART, step=2), policy=policy)
    assert decision.terms is not None
    assert decision.terms.value == Decimal(9)


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"most_percent": "100"}, {"most_percent": "between"}),
        ({"margin": "40"}, {"margin_floor": "both_margins"}),
        ({"margin": "40", "margin_floor": "40"}, {"margin_floor": "floor_above_margin"}),
        ({"budget": "1e9"}, {"budget": "amount"}),
        ({"budget": "-1"}, {"budget": "amount"}),
        ({"budget": "NaN"}, {"budget": "amount"}),
        ({"budget": "9" * 40}, {"budget": "amount"}),
        ({"prospect": "everything"}, {"prospect": "choose"}),
        ({"excluded_products": "x" * 65}, {"excluded_products": "too_long"}),
        ({"excluded_products": "a\x00b"}, {"excluded_products": "unreadable"}),
        ({"left_within": "99999"}, {"left_within": "between"}),
    ],
)
def test_senseless_rules_for_offers_are_refused_at_their_field(
    database: Database, clock: SetClock, typed: dict[str, str], wrong: dict[str, str]
) -> None:
    shop = a_shop(database, clock())
    found = wrongs(database, shop, "offers", **typed)
    assert {name: why for name, (why, _) in found.items()} == wrong


def test_rules_for_offers_are_kept_with_their_currency(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    kept = read(database, shop, "offers", budget="1 250,50", order_within="48", prospect="none")
    policy = offer_policy.read(kept["offer_policy"], "EUR")
    assert policy.budget == Decimal("1250.50")
    assert policy.order_within == timedelta(hours=48)
    assert policy.prospect is Gift.NONE


def test_three_made_up_shoppers_show_who_gets_what() -> None:
    now = datetime(2026, 11, 21, 14, tzinfo=UTC)
    found = offer_wishes.samples(Policy("EUR"), Incentive("percent", Decimal(10)), Decimal(80), now)
    told = {each.who: (each.first.gift, each.second.gift) for each in found}
    assert told == {
        "new": (Gift.NONE, Gift.NOW),
        "customer": (Gift.NEXT, Gift.NEXT),
        "serial": (Gift.NONE, Gift.NONE),
    }
    assert Why.SERIAL_LEFT in found[2].second.reasons


# -- e-mails and looks -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "a@b",
        "a b@c.example",
        "a@c.example\nBcc: d@e.example",
        "@c.example",
        "a@127.0.0.1",
        "a@@c.fr",
        '"a b"@c.example',
        "x" * 65 + "@c.example",
        "a@c.example\x00",
        "a..b@c.example",
    ],
)
def test_what_is_no_address_for_replies_is_refused(words: str) -> None:
    with pytest.raises(NotSo):
        email(words)


def test_an_address_is_kept_as_it_was_typed() -> None:
    assert email(" Mira@nord.example ") == "Mira@nord.example"
    assert email("") is None


@pytest.mark.parametrize("words", ["a.b", "-a", "s 1", "s1;", "x" * 64, "é"])
def test_a_selector_is_one_label(words: str) -> None:
    with pytest.raises(NotSo):
        selector(words)
    assert selector("S1-2026_a") == "s1-2026_a"


@given(st.integers(0, 0xFFFFFF))
def test_white_words_can_be_read_on_every_colour_that_is_taken(number: int) -> None:
    written = f"#{number:06x}"
    try:
        taken = colour(written)
    except NotSo as error:
        assert contrast(written, LIGHT) < 4.5
        taken = str(error.about["darker"])
    assert taken is not None
    assert contrast(taken, LIGHT) >= 4.5


def test_a_pale_colour_is_told_a_darker_one_of_its_kind() -> None:
    assert contrast(darker("#ffffff"), LIGHT) >= 4.5
    assert colour("2A6F4E") == "#2a6f4e"
    assert colour("#063") == "#006633"
    assert colour(" ") is None
    with pytest.raises(NotSo, match="pale"):
        colour("#ff0")


@pytest.mark.parametrize(
    "words",
    [
        "http://a.example/l.png",
        "https://127.0.0.1/l.png",
        "https://[::1]/l.png",
        "https://localhost/l.png",
        "https://printer.local/l.png",
        "https://2130706433/l.png",
        "https://u:p@a.example/l.png",
        "https://a.example:8080/l.png",
        'https://a.example/l.png" onerror=x',
        "javascript:alert(1)",
        "https://a.example/" + "x" * 500,
        "https://a.example:99999999/",
        "https://[",
    ],
)
def test_what_is_no_public_picture_is_refused(words: str) -> None:
    with pytest.raises(NotSo):
        logo(words)


# -- consent, orders, prices -------------------------------------------------------------------


def test_who_switches_a_leave_on_says_why(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    on = {"customers_may_be_texted": "1"}
    assert list(wrongs(database, shop, "consent", **on)) == ["texted_because"]
    kept = read(database, shop, "consent", **on, texted_because="1")
    assert kept["customers_may_be_texted"] is True
    assert kept["customers_may_be_mailed"] is False


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"welcome_code": "TEN %"}, {"welcome_code": "code"}),
        ({"welcome_code": "x" * 41}, {"welcome_code": "code"}),
        ({"other_addresses": "https://"}, {"other_addresses": "address"}),
        ({"other_addresses": "ftp://a.example"}, {"other_addresses": "address"}),
        ({"other_addresses": "https://10.0.0.1"}, {"other_addresses": "address"}),
        ({"other_addresses": "a.example " * 11}, {}),
        (
            {"other_addresses": " ".join(f"a{n}.example" for n in range(11))},
            {"other_addresses": "too_many"},
        ),
    ],
)
def test_codes_and_addresses_are_read_strictly(
    database: Database, clock: SetClock, typed: dict[str, str], wrong: dict[str, str]
) -> None:
    shop = a_shop(database, clock())
    found = wrongs(database, shop, "orders", **typed)
    assert {name: why for name, (why, _) in found.items()} == wrong


def test_prices_are_kept_by_country(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock(), sms_prices='{"FR": "0.07", "DE": "0.08"}')
    kept = read(
        database, shop, "prices", price_FR="", price_DE="0,09", new_country="JP", new_price="0.05"
    )
    assert own_prices(kept["sms_prices"]) == {"DE": Decimal("0.09"), "JP": Decimal("0.05")}
    assert list(wrongs(database, shop, "prices", new_country="JP")) == ["new_price"]
    assert list(wrongs(database, shop, "prices", new_price="0.05")) == ["new_country"]
    assert wrongs(database, shop, "prices", price_FR="6")["price_FR"][0] == "price"


_ODD = st.one_of(
    st.text(max_size=300),
    st.sampled_from(["\x00", "-1", "1e9", "NaN", "Infinity", "٣", "1" * 5000, "😀", "\ud800"]),
    st.integers().map(str),
    st.decimals(allow_nan=True).map(str),
)


@given(data=st.data(), key=st.sampled_from(sorted(SECTIONS)))
def test_nothing_that_is_typed_is_more_than_wrong(data: st.DataObject, key: str) -> None:
    section, shop = SECTIONS[key], A_SHOP
    stands = {name: _default(name) for name in section.columns}
    shown = section.shown(stands, shop)
    name = data.draw(st.sampled_from(sorted(section.fields)))
    typed = shown | {name: data.draw(_ODD), "credentials": "x"}
    found = section.read(typed, stands, shop)
    assert bool(found.values) != bool(found.wrong)
    assert set(found.values) <= set(section.columns)
    assert set(section.kept(typed)) == set(section.fields)
    section.wrong_of(name, typed, stands, shop)


def _default(name: str) -> Any:
    default = tables.shops.c[name].default
    return None if default is None else default.arg  # type: ignore[attr-defined]


A_SHOP = shops.ShopRow(
    **dict.fromkeys(shops.ShopRow.__slots__)  # type: ignore[arg-type]
    | {"id": 1, "currency": "EUR", "platform": "shopify", "stand_in": False}
)
