"""What the editor shows of a message is what leaves; and nobody is shown in it."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from recovery import accounts, previews, step_volumes, tables
from recovery.accounts import AccountRow
from recovery.database import Database
from recovery.letters import Letter
from recovery.model import Channel, Email, Totals
from recovery.offer_texts import offer_phrase
from recovery.previews import FIRST_NAME, Sample
from recovery.programme_form import Delay, Incentive, Programme, Start, Step
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.channel_stories import BOTH, a_person, a_shop_with_mail, save
from tests.recovery.stories import a_cart, a_line, a_shop, accept, know_orders, record, tick

LINKS = "https://r.example"
OWN = {
    "fr": "{{ shop }} : {{ first_name }}, {{ items_count }} articles ({{ total }}), dont "
    "{{ first_line }} : {{ link }} {{ stop_words }}{{ stop_link }}",
}
SMS = Step(1, Channel.SMS, Delay(1800), texts=OWN)
MAIL = Step(
    1,
    Channel.EMAIL,
    Delay(1800),
    texts={"fr": "Votre fête, {{ first_name }} :\n{{ first_line }}"},
    subjects={"fr": "{{ total }} chez {{ shop }}"},
)


def without_tokens(text: str) -> str:
    return re.sub(r"(/r/|/stop/)[\w-]{16}", r"\1TOKEN", text)


def account_of(database: Database, shop: ShopRow, channel: str) -> AccountRow | None:
    account_id = shop.account_id if channel == Channel.SMS else shop.email_account_id
    return database.run(lambda db: accounts.by_id(db, account_id or 0))


def the_sample(database: Database, shop: ShopRow, clock: SetClock) -> Sample:
    found = database.run(lambda db: previews.samples(db, shop, clock()))
    assert [each.id == 0 for each in found] == [True, False]
    return found[1]


def leave(database: Database, shop: ShopRow, clock: SetClock) -> list[Letter]:
    """What leaves an hour later, when orders are known."""
    tick(database, clock.forward(minutes=31))
    know_orders(database, shop, clock.forward(minutes=31))
    return tick(database, clock())


@pytest.mark.parametrize("step", [SMS, MAIL, replace(SMS, texts={}), replace(MAIL, texts={})])
@pytest.mark.parametrize("locale", ["fr", "fr-LU"])
@pytest.mark.parametrize("smart", [True, False])
def test_what_is_shown_is_what_leaves(
    database: Database, clock: SetClock, step: Step, locale: str, smart: bool
) -> None:
    shop = a_shop_with_mail(database, clock(), smart_encoding=smart)
    save(database, shop, Programme(Start.CART, (step,), holdout=0.0), clock)
    lines = (a_line("Bêche “Jardin”", "18.00", 2), a_line("Thé d’été " * 9, "1250.50"))
    person = a_person(clock(), *BOTH, first_name=FIRST_NAME, locale=locale)
    cart = a_cart(clock(), shopper=person, lines=lines, totals=Totals(Decimal("1286.50")))
    record(database, shop, cart, now=clock())
    (letter,) = leave(database, shop, clock)
    sample = previews.replace(the_sample(database, shop, clock), channel=step.channel)
    account = account_of(database, shop, step.channel)
    shown = previews.of_step(shop, account, step, sample, "fr", LINKS, clock())
    sent, seen = letter.message, shown.message
    assert without_tokens(seen.text) == without_tokens(sent.text)
    assert len(seen.text) == len(sent.text)
    assert not shown.instead
    if isinstance(sent, Email):
        assert isinstance(seen, Email)
        assert (seen.subject, without_tokens(seen.html)) == (
            sent.subject,
            without_tokens(sent.html),
        )
        assert shown.count is None
    else:
        (row,) = database.run(lambda db: list(db.execute(tables.reminders.select())))
        assert shown.count is not None
        assert shown.count.parts == row.parts


def test_nobody_is_shown(database: Database, clock: SetClock) -> None:
    shop = a_shop_with_mail(database, clock())
    record(database, shop, a_cart(clock(), shopper=a_person(clock(), *BOTH)), now=clock())
    sample = the_sample(database, shop, clock)
    for step in (SMS, MAIL):
        seen = previews.of_step(shop, None, step, sample, "fr", LINKS, clock()).message
        assert "Anabella" not in seen.text
        assert FIRST_NAME in seen.text
        assert seen.recipient in (None, "camille@example.com")
    assert "Anabella" not in repr(sample)
    with database.reading() as db:
        assert db.execute(tables.links.select()).first() is None  # its links lead nowhere


def test_carts_of_other_shops_are_no_samples(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    other = a_shop(database, clock(), address="cups.myshopify.com")
    record(database, other, a_cart(clock()), now=clock())
    assert [each.id for each in database.run(lambda db: previews.samples(db, shop, clock()))] == [0]


@pytest.mark.parametrize(
    "gift",
    [
        Incentive("percent", Decimal(10)),
        Incentive("amount", Decimal(5), minimum=Decimal(40), lines="cart"),
        Incentive("free_shipping", days=30),
    ],
)
@pytest.mark.parametrize("step", [SMS, MAIL])
def test_an_offer_is_shown_with_its_end_and_a_code_of_the_usual_length(
    database: Database, clock: SetClock, gift: Incentive, step: Step
) -> None:
    shop = a_shop(database, clock())
    sample = previews.replace(previews.made_up(shop, clock()), channel=step.channel)
    step = replace(
        step, incentive=gift, texts={"fr": "{{ shop }} {{ link }} STOP {{ offer }} {{ code }}"}
    )
    seen = previews.of_step(shop, None, step, sample, "fr", LINKS, clock()).message
    phrase = previews._phrase(gift, previews._for(sample, shop, step, "fr"), shop, clock())
    assert re.search(r"\b[A-Z]{4}-\w{5}-\w{5}\b", seen.text)
    if step.channel == Channel.SMS:
        assert phrase in seen.text
    longest = previews.promise(step, sample, shop, "fr", clock())
    assert len(longest) >= len(phrase)


def test_the_longest_promise_is_as_long_as_on_the_worst_day(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    sample = previews.made_up(shop, clock())
    step = replace(SMS, incentive=Incentive("percent", Decimal(10), minimum=Decimal(1000)))
    found = previews.promise(step, sample, shop, "de", clock())
    row = previews._for(sample, shop, step, "de")
    for ahead in range(0, 366, 11):
        at = clock() + timedelta(days=ahead)
        promised = previews._promised(step.incentive, row, shop, at)
        phrase = offer_phrase(promised.terms, ("de", "fr"), promised.zone, at)
        assert len(phrase) <= len(found)


def test_the_worst_counts_a_name_that_is_not_in_the_phones_alphabet(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    sample = previews.made_up(shop, clock())
    step = previews.with_words(
        SMS, "fr", "{{ shop }} {{ first_name }} {{ link }} STOP " + "x" * 60, None
    )
    shown = previews.of_step(shop, None, step, sample, "fr", LINKS, clock())
    worst = previews.at_worst(shop, None, step, sample, "fr", LINKS, clock())
    assert shown.count is not None
    assert (shown.count.parts, worst.parts) == (1, 2)
    assert [each.letter for each in worst.dear] == ["ô"]


@pytest.mark.parametrize(
    "template",
    [
        "{{ shop.credentials }}",
        "{% for a in lines %}{% for b in lines %}{% for c in lines %}{% for d in lines %}"
        "{{ shop }}{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
        "{% assign x = shop %}" + "{% assign x = x | append: x %}" * 60 + "{{ x }}",
        "{% for i in (1..1000000) %}x{% endfor %}",
        "{% if shop %}" * 90 + "{% endif %}" * 90,
        "{{ shop" + " | upcase" * 190 + " }}",
        "{{ shop | truncate: 99999999999999999999 }}",
        "{{ shop | plus: 1e308 | times: 1e308 }}",
        "{% include 'x' %}{% render 'x' %}{% raw %}",
        "{{ 'a' | minus: 'b' | first | last | map: 'x' }}",
        "{%" * 300 + "(" * 1400,
        "{% case shop %}" * 40,
        "{{",
        "{% # comment %}",
        "{{ lines | map: 'credentials' | join }}",
        "{{ __class__ }}{{ shop.__class__.__mro__ }}",
        "\x00\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
        "x" * 4000,
    ],
)
def test_a_template_that_would_break_things_breaks_nothing(
    database: Database, clock: SetClock, template: str
) -> None:
    shop = a_shop(database, clock())
    for each in (SMS, MAIL):
        sample = previews.replace(previews.made_up(shop, clock()), channel=each.channel)
        step = previews.with_words(each, "fr", template, None)
        try:
            seen = previews.of_step(shop, None, step, sample, "fr", LINKS, clock())
        except ValueError:
            continue
        assert len(seen.message.text) < 20_000
        assert "made-up" not in seen.message.text


def test_about_how_many_left_is_told_from_a_few(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    save(database, shop, Programme(Start.CART, (SMS,), holdout=0.0), clock)
    for at in range(4):
        person = a_person(clock(), Channel.SMS, phone=f"+3361234567{at}", email=f"{at}@example.com")
        if at < 3:
            record(database, shop, a_cart(clock(), key=f"token:{at}", shopper=person), now=clock())
    accept(database, leave(database, shop, clock), clock())
    without = a_cart(clock(), key="token:new", shopper=a_person(clock(), email="n@example.com"))
    record(database, shop, without, now=clock())

    def about(step: int, channel: str) -> int:
        return database.run(lambda db: step_volumes.about(db, shop.id, step, channel, clock()))

    assert about(1, "sms") == 3
    assert about(1, "email") == about(2, "sms") == 0
    clock.forward(days=31)
    assert about(1, "sms") == 0
