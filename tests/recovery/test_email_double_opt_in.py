"""An address that was typed into a box of ours says yes by a button before it is written to."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from recovery import (
    confirming,
    consent_proof,
    email_opt_in,
    exports,
    forgetting,
    stopping,
    tables,
    write_back,
)
from recovery.confirm_words import WORDS
from recovery.confirming import Asked, Standing
from recovery.database import Database
from recovery.email_words import WORDS as EMAIL_WORDS
from recovery.letters import Letter
from recovery.model import Channel, Consent, ContactSeen, CustomerSeen, Email, Shopper
from recovery.programme_form import Delay, Programme, Start, Step
from recovery.reasons import Reason, read
from recovery.shops import ShopRow
from recovery.states import ReminderState
from tests.conftest import SetClock
from tests.recovery.channel_stories import HOUR, a_shop_with_mail, save
from tests.recovery.stories import (
    EMAIL,
    a_cart,
    accept,
    know_orders,
    record,
    rows,
    tick,
)

BOX_WORDS = "Oui, écrivez-moi"
MAILS = Programme(
    start=Start.CART,
    steps=(Step(number=1, channel=Channel.EMAIL, delay=Delay(below=HOUR)),),
    holdout=0.0,
)
AT = "https://r.example/confirm"


def a_careful_shop(database: Database, clock: SetClock, **settings: Any) -> ShopRow:
    """A shop that sends e-mails, and wants every address to confirm."""
    values = {"email_double_opt_in": True, "any_hour": True} | settings
    shop = a_shop_with_mail(database, clock(), **values)
    save(database, shop, MAILS, clock)
    return shop


def a_shopper(
    at: datetime, source: str = "box", granted: bool = True, email: str = EMAIL, **known: Any
) -> Shopper:
    """A shopper who said yes (or no) to e-mails."""
    yes = Consent(Channel.EMAIL, email, granted, source, at, BOX_WORDS)
    values = {"email": email, "country": "FR", "locale": "fr"} | known
    return Shopper(**values, consents=(yes,))


def ticked(at: datetime, **different: Any) -> ContactSeen:
    """The box in the shop."""
    return ContactSeen((), a_shopper(at, **different), at)


def left(at: datetime, **different: Any) -> Any:
    """A cart, left with the box ticked."""
    return a_cart(at, shopper=a_shopper(at, **different))


def leave(database: Database, shop: ShopRow, clock: SetClock, **later: float) -> list[Letter]:
    """What leaves now (or so much later), and is taken by the mail server."""
    clock.forward(**later)
    know_orders(database, shop, clock())
    letters = tick(database, clock())
    accept(database, letters, clock())
    return letters


def token_of(letter: Letter) -> str:
    _, _, after = letter.message.text.partition(f"{AT}/")
    return after.split()[0]


def press(database: Database, token: str, now: datetime) -> Asked | None:
    page = AT
    return database.run(lambda db: confirming.confirm(db, token, now, page, "203.0.113.9"))


def standing(asked: Asked | None) -> Standing | None:
    return None if asked is None else asked.standing


def of(database: Database, programme: str) -> list[Any]:
    return [row for row in rows(database, tables.reminders) if row.programme == programme]


def ledger(database: Database) -> list[tuple[bool, str]]:
    return [(row.granted, row.source) for row in rows(database, tables.consents)]


def test_an_address_is_asked_once_by_a_plain_e_mail(database: Database, clock: SetClock) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, ticked(clock()), now=clock())
    record(database, shop, ticked(clock.forward(minutes=1)), now=clock())
    (letter,) = leave(database, shop, clock)
    mail = letter.message
    assert isinstance(mail, Email)
    assert (mail.recipient, mail.subject) == (
        EMAIL,
        "Atelier Nord : confirmez votre adresse e-mail",
    )
    assert "Si ce n’est pas vous, ignorez cet e-mail" in mail.text
    assert f'<a href="{AT}/{token_of(letter)}">' in mail.html
    assert (mail.unsubscribe_link, "/stop/" in mail.text) == (None, False)
    record(database, shop, ticked(clock.forward(days=29)), now=clock())
    assert leave(database, shop, clock) == []
    record(database, shop, ticked(clock.forward(days=2)), now=clock())
    assert len(leave(database, shop, clock)) == 1
    (link, _) = rows(database, tables.links)
    assert token_of(letter) not in str(link)


def test_two_that_were_asked_at_once_are_one_e_mail(database: Database, clock: SetClock) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, ticked(clock()), now=clock())
    (row,) = of(database, "confirm")
    twin = {name: value for name, value in row._mapping.items() if name != "id"}
    database.run(lambda db: db.execute(tables.reminders.insert().values(**twin)))
    assert len(leave(database, shop, clock)) == 1
    states = [(each.state, read(each.reasons)) for each in of(database, "confirm")]
    assert states == [(ReminderState.SENT, []), (ReminderState.SKIPPED, [Reason.CAPPED])]


@pytest.mark.parametrize("source", ["box", "checkout", "embed", "sandbox checkout"])
def test_a_yes_of_our_box_is_kept_and_is_no_leave_before_the_button(
    database: Database, clock: SetClock, source: str
) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, left(clock(), source=source), now=clock())
    (letter,) = leave(database, shop, clock)
    assert ledger(database) == [(True, source)]
    clock.forward(minutes=31)
    assert leave(database, shop, clock) == []
    clock.forward(hours=1)
    assert leave(database, shop, clock) == []
    (reminder,) = of(database, "cart")
    assert read(reminder.reasons) == [Reason.EMAIL_NOT_CONFIRMED]

    assert standing(press(database, token_of(letter), clock())) == Standing.CONFIRMED
    assert ledger(database) == [(True, source), (True, "box, confirmed by link")]
    (mail,) = leave(database, shop, clock, minutes=1)
    assert mail.reminder_id == reminder.id


def test_the_proof_shows_the_box_and_what_the_confirming_browser_saw(
    database: Database, clock: SetClock
) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, ticked(clock()), now=clock())
    (letter,) = leave(database, shop, clock)
    pressed = clock.forward(hours=3)
    press(database, token_of(letter), pressed)
    with database.reading() as db:
        proof = consent_proof.of_address(db, shop, EMAIL)
    box, link = proof.entries
    assert (box["by"], box["words"]) == ("plugin", BOX_WORDS)
    assert (link["by"], link["said"], link["page"], link["ip"]) == (
        *("double_opt_in", "yes", AT),
        "203.0.113.9",
    )
    assert link["words"] == (
        "Acceptez-vous de recevoir des e-mails de Atelier Nord à cette adresse ?"
    )
    assert (link["language"], link["at"][:19]) == ("fr", pressed.isoformat()[:19])


def test_looking_confirms_nothing_and_pressing_twice_is_one_yes(
    database: Database, clock: SetClock
) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, ticked(clock()), now=clock())
    (letter,) = leave(database, shop, clock)
    token = token_of(letter)
    with database.reading() as db:
        assert standing(confirming.asked_by(db, token, clock())) == Standing.WAITS
    assert len(ledger(database)) == 1
    assert standing(press(database, token, clock.forward(days=1))) == Standing.CONFIRMED
    assert standing(press(database, token, clock.forward(days=1))) == Standing.CONFIRMED
    assert len(ledger(database)) == 2
    assert press(database, "A" * 16, clock()) is None


def test_after_fourteen_days_the_link_has_ended(database: Database, clock: SetClock) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, ticked(clock()), now=clock())
    (letter,) = leave(database, shop, clock)
    assert standing(press(database, token_of(letter), clock.forward(days=14))) == Standing.ENDED
    assert len(ledger(database)) == 1


def test_a_stop_and_a_no_that_came_since_win(database: Database, clock: SetClock) -> None:
    shop = a_careful_shop(database, clock)
    other = "bob@example.com"
    record(database, shop, ticked(clock()), ticked(clock(), email=other), now=clock())
    of_stop, of_no = leave(database, shop, clock)
    at = clock.forward(hours=1)
    database.run(lambda db: stopping.stop_address(db, shop.id, Channel.EMAIL, EMAIL, "link", at))
    record(database, shop, ticked(at, email=other, granted=False), now=at)
    before = ledger(database)
    for letter in (of_stop, of_no):
        assert standing(press(database, token_of(letter), clock.forward(hours=1))) == (
            Standing.STOPPED
        )
    assert ledger(database) == before


def test_a_stop_after_the_button_holds_the_mails_back(database: Database, clock: SetClock) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, left(clock()), now=clock())
    (letter,) = leave(database, shop, clock)
    press(database, token_of(letter), clock())
    at = clock.forward(minutes=10)
    database.run(lambda db: stopping.stop_address(db, shop.id, Channel.EMAIL, EMAIL, "link", at))
    leave(database, shop, clock)
    clock.forward(hours=2)
    assert leave(database, shop, clock) == []
    assert standing(press(database, token_of(letter), clock())) == Standing.STOPPED


def test_what_the_platform_says_itself_is_leave_before_and_after_our_box(
    database: Database, clock: SetClock
) -> None:
    shop = a_careful_shop(database, clock)
    own = a_shopper(clock(), "shopify customer")
    record(database, shop, CustomerSeen(own, clock()), ticked(clock()), now=clock())
    assert of(database, "confirm") == []
    other = "bob@example.com"
    record(database, shop, ticked(clock(), email=other), now=clock())
    at = clock.forward(minutes=1)
    theirs = a_shopper(at, "shopify customer", email=other)
    record(database, shop, CustomerSeen(theirs, at), now=at)
    assert leave(database, shop, clock) == []  # nothing waits for a word any more
    (asked,) = of(database, "confirm")
    assert read(asked.reasons) == [Reason.NOT_ASKED]
    assert ledger(database)[-1] == (True, "shopify customer")


def test_a_shop_that_does_not_want_it_asks_nobody(database: Database, clock: SetClock) -> None:
    shop = a_careful_shop(database, clock, email_double_opt_in=False)
    record(database, shop, left(clock()), now=clock())
    assert of(database, "confirm") == []
    leave(database, shop, clock, minutes=31)
    (letter,) = leave(database, shop, clock, hours=1)
    assert letter.message.recipient == EMAIL


def test_an_old_yes_is_no_news(database: Database, clock: SetClock) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, ticked(clock() - timedelta(days=3)), now=clock())
    assert of(database, "confirm") == []


def test_who_stopped_or_took_it_back_before_it_leaves_is_not_asked(
    database: Database, clock: SetClock
) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, ticked(clock()), now=clock())
    record(database, shop, ticked(clock.forward(minutes=1), granted=False), now=clock())
    assert leave(database, shop, clock) == []
    (asked,) = of(database, "confirm")
    assert read(asked.reasons) == [Reason.NOT_ASKED]


def test_the_platform_is_told_of_the_confirmed_yes(database: Database, clock: SetClock) -> None:
    shop = a_careful_shop(database, clock)
    record(database, shop, left(clock(), customer_key="c-1"), now=clock())
    (letter,) = leave(database, shop, clock)
    with database.reading() as db:
        assert write_back.consents_to_write_back(db, shop.id, clock()) == []
    press(database, token_of(letter), clock.forward(days=10))
    with database.reading() as db:
        (untold,) = write_back.consents_to_write_back(db, shop.id, clock.forward(days=1))
    told = (untold.channel, untold.address, untold.source)
    assert told == (Channel.EMAIL, EMAIL, email_opt_in.CONFIRMED)


def test_who_declines_or_is_erased_is_left_in_no_question(
    database: Database, clock: SetClock
) -> None:
    shop = a_careful_shop(database, clock)
    cart = a_cart(clock(), "cart:made-up-1", shopper=a_shopper(clock()))
    record(database, shop, cart, now=clock())
    (letter,) = leave(database, shop, clock)
    with database.reading() as db:
        told = {each.id: each for each in exports.of_address(db, shop.id, EMAIL)}
    assert "confirmez votre adresse" in json.dumps(str(told["relance-messages"].items))
    at = clock.forward(minutes=1)
    database.run(lambda db: forgetting.forget_carts(db, shop, ["cart:made-up-1"], at))
    (asked,) = of(database, "confirm")
    assert (asked.recipient, asked.text, asked.headline) == (None, None, None)
    assert press(database, token_of(letter), clock()) is None
    assert ledger(database) == []


def test_one_who_is_erased_before_it_leaves_is_not_asked(
    database: Database, clock: SetClock
) -> None:
    shop = a_careful_shop(database, clock)
    cart = a_cart(clock(), "cart:made-up-1", shopper=a_shopper(clock()))
    record(database, shop, cart, now=clock())
    database.run(lambda db: forgetting.forget_carts(db, shop, ["cart:made-up-1"], clock()))
    assert leave(database, shop, clock) == []
    assert read(of(database, "confirm")[0].reasons) == [Reason.NOT_ASKED]


def test_its_words_are_there_in_every_language_of_our_e_mails() -> None:
    assert set(WORDS) == set(EMAIL_WORDS)
    for words in WORDS.values():
        assert "{shop}" in words.subject and "{shop}" in words.said and "{shop}" in words.question
