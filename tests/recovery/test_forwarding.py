"""Replies on their way to the merchant: written out, claimed once, and never sent twice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from recovery import accounts, forwarding, tables
from recovery.database import Database
from recovery.forwarding import Forward
from recovery.model import Channel, Totals
from tests.conftest import SetClock
from tests.recovery.stories import (
    EMAIL,
    KEYS,
    PHONE,
    a_cart,
    a_line,
    a_shop,
    know_orders,
    record,
    rows,
    tick,
)
from tests.recovery.stories import accept as accept_letters
from tests.recovery.survey_stories import a_survey, asked_why, reply, save

MERCHANT = "bonjour@atelier-nord.example"


def with_mail(database: Database, **settings: Any) -> None:
    """The shops get an account for e-mails, and an address for replies."""
    with database.transaction() as db:
        mail = accounts.keep(
            db, KEYS, "mail", "smtp", "panier@nord.example", {"url": "smtp://x"}, 50, Channel.EMAIL
        )
        values = {"email_account_id": mail.id, "merchant_email": MERCHANT} | settings
        db.execute(tables.shops.update().values(**values))


def a_forward(database: Database, clock: SetClock, text: str = "Et en bleu ?") -> None:
    """A shopper of a French shop wrote something for a person."""
    asked_why(database, clock)
    with_mail(database)
    reply(database, text, clock.forward(minutes=5))


def taken(database: Database, clock: SetClock) -> list[Forward]:
    """What the clock hands out and a worker claims now."""
    ids = database.run(lambda db: forwarding.hand_out(db, clock()))
    found = [database.run(lambda db, one=each: forwarding.claim(db, one, clock())) for each in ids]
    return [each for each in found if each is not None]


def the_forward(database: Database) -> Any:
    (row,) = rows(database, tables.forwards)
    return row


def words_of_notices(database: Database) -> list[str]:
    return [row.words for row in rows(database, tables.notices) if row.over_at is None]


def test_the_merchant_reads_the_reply_the_cart_and_the_last_text(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    save(database, shop, a_survey(24, asks=False), clock())
    lines = (a_line("Tasse", "18.00", 2), a_line("Bol <b>", "1210.50"))
    totals = Totals(Decimal("1246.50"))
    record(database, shop, a_cart(clock(), name="#D12", lines=lines, totals=totals), now=clock())
    tick(database, clock.forward(minutes=31))
    know_orders(database, shop, clock.forward(minutes=60))
    accept_letters(database, tick(database, clock()), clock())
    with_mail(database)
    reply(database, "Et en bleu ?\n\n<script>", clock.forward(minutes=5))
    ((forward),) = taken(database, clock)
    email = forward.email
    assert (email.recipient, email.sender) == (MERCHANT, "panier@nord.example")
    assert email.channel is Channel.EMAIL
    assert email.sender_name == "Atelier Nord"
    assert email.subject == "Réponse d'un client : panier #D12"
    assert f"Anabella ({PHONE}) a répondu" in email.text
    assert "> Et en bleu ?\n> <script>" in email.text
    assert "2 × Tasse, 36,00 €" in email.text
    assert "1 × Bol <b>, 1 210,50 €" in email.text
    assert "Total : 1 246,50 €" in email.text
    assert "> Atelier Nord" in email.text or "Le dernier SMS" in email.text
    assert "[lien]" in email.text
    assert "Aucun programme ne lui écrit plus pendant 14 jours." in email.text
    assert f"python -m worker go-on {shop.key} {PHONE} (ou la personne écrit START)" in email.text
    assert "&lt;script&gt;" in email.html
    assert "<script>" not in email.html


def test_no_link_to_the_cart_or_to_a_refusal_goes_along(
    database: Database, clock: SetClock
) -> None:
    a_forward(database, clock)
    for text in (
        "Panier : https://r.example/r/abc Pour refuser : STOP",
        "Panier: r.example/r/abc. Non: r.example/stop/def",
    ):
        change = tables.reminders.update().values(text=text)
        database.run(lambda db, change=change: db.execute(change))
        ((forward),) = taken(database, clock)
        whole = forward.email.text + forward.email.html
        assert "/r/" not in whole
        assert "/stop/" not in whole
        assert "example/recover" not in whole
        assert EMAIL not in whole
        database.run(lambda db, one=forward: forwarding.later(db, one.id, clock(), "again"))


def test_in_english_for_every_other_shop_and_without_a_cart(
    database: Database, clock: SetClock
) -> None:
    a_shop(database, clock(), locale="ja", key="nord")
    with_mail(database)
    reply(database, "", clock())
    ((forward),) = taken(database, clock)
    assert forward.email.subject == "A shopper replied: a text from Atelier Nord"
    assert f"A shopper ({PHONE}) replied to a text from Atelier Nord:" in forward.email.text
    assert "(a reply without words)" in forward.email.text
    assert "Total" not in forward.email.text
    assert "for 14 days" in forward.email.text
    assert f"go-on nord {PHONE} (or they write START)" in forward.email.text


def test_the_mail_speaks_of_no_pause_that_is_over(database: Database, clock: SetClock) -> None:
    a_forward(database, clock)
    reply(database, "START", clock.forward(minutes=1))
    ((forward),) = taken(database, clock)
    assert "go-on" not in forward.email.text


def test_it_is_handed_out_once_and_again_when_redis_lost_it(
    database: Database, clock: SetClock
) -> None:
    a_forward(database, clock)
    with database.reading() as db:
        assert forwarding.is_one_due(db, clock())
    ((one),) = database.run(lambda db: forwarding.hand_out(db, clock()))
    assert database.run(lambda db: forwarding.hand_out(db, clock.forward(minutes=14))) == []
    assert database.run(lambda db: forwarding.hand_out(db, clock.forward(minutes=1))) == [one]


def test_two_workers_send_it_once(database: Database, clock: SetClock) -> None:
    a_forward(database, clock)
    ((one),) = database.run(lambda db: forwarding.hand_out(db, clock()))
    first = database.run(lambda db: forwarding.claim(db, one, clock()))
    assert first is not None
    assert database.run(lambda db: forwarding.claim(db, one, clock())) is None
    database.run(lambda db: forwarding.sent(db, first, clock()))
    assert database.run(lambda db: forwarding.claim(db, one, clock())) is None
    row = the_forward(database)
    assert (row.sent_at, row.try_at, row.attempts, row.error) == (clock(), None, 1, None)


def test_what_a_dead_worker_held_is_given_up_and_told(database: Database, clock: SetClock) -> None:
    a_forward(database, clock)
    assert len(taken(database, clock)) == 1
    clock.forward(minutes=15)
    assert taken(database, clock) == []
    row = the_forward(database)
    assert (row.try_at, row.sent_at, row.error) == (None, None, forwarding.UNKNOWN)
    (told,) = words_of_notices(database)
    assert "not known" in told


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ({"merchant_email": None}, forwarding.NO_ADDRESS),
        ({"merchant_email": ""}, forwarding.NO_ADDRESS),
        ({"email_account_id": None}, forwarding.NO_ACCOUNT),
    ],
)
def test_without_an_address_or_an_account_it_is_kept_and_the_merchant_told(
    database: Database, clock: SetClock, missing: dict[str, Any], told: str
) -> None:
    a_forward(database, clock)
    with_mail(database, **missing)
    assert taken(database, clock) == []
    assert the_forward(database).error == told
    assert words_of_notices(database) == [told]
    with_mail(database)
    clock.forward(minutes=15)
    ((forward),) = taken(database, clock)
    database.run(lambda db: forwarding.sent(db, forward, clock()))
    assert words_of_notices(database) == []


def test_after_a_month_it_is_given_up_and_told(database: Database, clock: SetClock) -> None:
    a_forward(database, clock)
    clock.forward(days=30)
    assert taken(database, clock) == []
    assert (the_forward(database).try_at, the_forward(database).error) == (None, forwarding.TOO_OLD)
    assert len(words_of_notices(database)) == 1


def test_a_stopped_account_is_not_written_by(database: Database, clock: SetClock) -> None:
    a_forward(database, clock)
    mail = rows(database, tables.accounts)[-1]
    database.run(lambda db: accounts.stop(db, mail.id, "log in", clock()))
    assert taken(database, clock) == []
    assert the_forward(database).try_at == clock() + timedelta(minutes=15)


def test_what_was_erased_meanwhile_is_not_sent(database: Database, clock: SetClock) -> None:
    a_forward(database, clock)

    def erase(db: Any) -> None:
        db.execute(tables.replies.delete())

    database.run(erase)
    assert taken(database, clock) == []
    assert the_forward(database).try_at is None


def test_a_shop_that_left_gets_no_mail(database: Database, clock: SetClock) -> None:
    a_forward(database, clock)
    gone = tables.shops.update().values(state="uninstalled")
    database.run(lambda db: db.execute(gone))
    assert taken(database, clock) == []
    assert the_forward(database).try_at is None


def test_one_that_goes_through_ends_the_notice_of_one_that_did_not(
    database: Database, clock: SetClock
) -> None:
    a_forward(database, clock)
    ((lost),) = taken(database, clock)
    database.run(lambda db: forwarding.refused(db, lost, "no such mailbox", clock()))
    assert len(words_of_notices(database)) == 1
    reply(database, "Bonjour ?", clock.forward(minutes=1))
    ((forward),) = taken(database, clock)
    assert len(words_of_notices(database)) == 1
    database.run(lambda db: forwarding.sent(db, forward, clock()))
    assert words_of_notices(database) == []


def test_after_five_in_a_day_the_replies_of_a_number_are_told_in_one_line(
    database: Database, clock: SetClock
) -> None:
    a_forward(database, clock)
    for each in range(11):
        reply(database, f"Bonjour {each} ?", clock.forward(minutes=1))
    reply(database, "Et moi ?", clock.forward(minutes=1), phone="+33612345699")
    first = taken(database, clock)
    assert len(first) == 6  # five of one, one of the other
    assert not any("Autres réponses" in each.email.text for each in first)
    for each in first:
        database.run(lambda db, one=each: forwarding.sent(db, one, clock()))
    assert taken(database, clock) == []
    clock.forward(hours=24)
    ((digest),) = taken(database, clock)
    assert "> Bonjour 4 ?" in digest.email.text
    assert "gardées sans e-mail à part : 6." in digest.email.text
    database.run(lambda db: forwarding.sent(db, digest, clock()))
    assert {row.sent_at is None for row in rows(database, tables.forwards)} == {False}
    assert len(rows(database, tables.forwards)) == 13
    reply(database, "Encore", clock.forward(minutes=1))
    ((next_day),) = taken(database, clock)
    assert "Autres réponses" not in next_day.email.text
