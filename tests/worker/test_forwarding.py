"""A shopper's reply on its way to the merchant, through a mail server in every weather."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis

from connectors.registry import Outside
from recovery import accounts, forwarding, tables
from recovery.database import Database
from recovery.model import Channel
from tests.conftest import SetClock
from tests.recovery.stories import KEYS, PHONE, rows
from tests.recovery.survey_stories import asked_why, reply
from tests.standins.smtp.stand_in import StandInMail
from worker import clock as clocks
from worker import forwarding as forwarder
from worker import jobs, queues
from worker.tools import Tools, keep_for_this_process

MERCHANT = "bonjour@atelier-nord.example"
SECRETS = (PHONE, PHONE.lstrip("+"), "Anabella", "Et en bleu", MERCHANT)


@pytest.fixture
def mail() -> Iterator[StandInMail]:
    with StandInMail() as server:
        yield server


class House:
    """A shop whose shopper asked something, and the worker that forwards it."""

    def __init__(self, database: Database, clock: SetClock, mail: StandInMail, redis: Any) -> None:
        self.database, self.clock, self.mail = database, clock, mail
        options = {"smtp": {"timeout": "5", "answer_timeout": "0.03"}}
        self.tools = Tools(database, redis, Outside({}, options), KEYS, clock, "https://r.example")
        asked_why(database, clock)
        with database.transaction() as db:
            account = accounts.keep(
                db,
                KEYS,
                "mail",
                "smtp",
                "panier@nord.example",
                {"url": mail.url},
                50,
                Channel.EMAIL,
            )
            values = {"email_account_id": account.id, "merchant_email": MERCHANT}
            db.execute(tables.shops.update().values(**values))
        reply(database, "Et en bleu ?", clock.forward(minutes=5))

    def go_on(self, **time: float) -> None:
        """Time passes; what is due is handed out and sent."""
        self.clock.forward(**time)
        for each in self.database.run(lambda db: forwarding.hand_out(db, self.clock())):
            forwarder.send(self.tools, each)

    @property
    def row(self) -> Any:
        (found,) = rows(self.database, tables.forwards)
        return found

    @property
    def told(self) -> list[str]:
        """The notices that stand."""
        return [row.words for row in rows(self.database, tables.notices) if row.over_at is None]


@pytest.fixture
def house(database: Database, clock: SetClock, mail: StandInMail) -> House:
    return House(database, clock, mail, None)


def test_the_reply_arrives_once(house: House, mail: StandInMail) -> None:
    house.go_on()
    (entry,) = mail.accepted()
    plain = entry.mail.get_body(("plain",))
    assert plain is not None
    assert entry.recipients == (MERCHANT,)
    assert "> Et en bleu ?" in plain.get_content()
    assert PHONE in plain.get_content()
    assert (house.row.sent_at, house.row.try_at, house.row.error) == (house.clock(), None, None)
    house.go_on(hours=1)
    assert len(mail.accepted()) == 1


@pytest.mark.parametrize("weather", ["greylist", "full_mailbox", "defer_content", "closing_after"])
def test_a_busy_server_is_tried_again_later(house: House, mail: StandInMail, weather: str) -> None:
    mail.change(script=[weather])
    house.go_on()
    assert mail.accepted() == []
    assert house.row.try_at > house.clock()
    assert house.told == []
    house.go_on(minutes=5)
    assert len(mail.accepted()) == 1
    assert (house.row.attempts, house.row.error) == (2, None)


@pytest.mark.parametrize("weather", ["drop_after", "silence_after", "rubbish_after"])
def test_without_an_answer_it_is_never_sent_again(
    house: House, mail: StandInMail, weather: str
) -> None:
    mail.change(script=[weather])
    house.go_on()
    house.go_on(hours=1)
    assert len(mail.record) == 1
    assert (house.row.sent_at, house.row.try_at) == (None, None)
    assert house.row.error == forwarding.UNKNOWN
    assert len(house.told) == 1


def test_a_refusal_is_kept_and_told(house: House, mail: StandInMail) -> None:
    mail.change(script=["refuse_recipient"])
    house.go_on()
    house.go_on(hours=1)
    assert len(mail.record) == 1
    assert house.row.try_at is None
    assert "550" in house.row.error
    assert len(house.told) == 1


def test_an_account_that_is_stopped_keeps_it_and_sends_it_when_mended(
    house: House, mail: StandInMail
) -> None:
    mail.change(script=["refuse_sender"])
    house.go_on()
    assert len(house.told) == 1
    assert rows(house.database, tables.accounts)[-1].stopped_at == house.clock()
    house.go_on(minutes=16)
    assert len(mail.accepted()) == 1
    assert house.told == []


def test_a_defect_before_the_send_loses_nothing(
    house: House, mail: StandInMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Tools, "messenger", lambda *_: 1 / 0)
        house.go_on()
    assert (house.row.error, house.row.sent_at) == ("a defect of ours", None)
    house.go_on(minutes=5)
    assert len(mail.accepted()) == 1


def test_it_waits_for_the_accounts_own_limit(house: House, mail: StandInMail) -> None:
    until = house.clock() + timedelta(minutes=2)
    full = tables.accounts.update().values(slots_until=until)
    house.database.run(lambda db: db.execute(full))
    house.go_on()
    assert mail.record == []
    assert house.row.try_at == until
    house.go_on(minutes=2)
    assert len(mail.accepted()) == 1


@pytest.mark.parametrize("weather", ["accept", "greylist", "drop_after", "refuse_recipient"])
def test_nothing_personal_is_logged_told_or_kept_as_an_error(
    house: House, mail: StandInMail, caplog: pytest.LogCaptureFixture, weather: str
) -> None:
    caplog.set_level(logging.DEBUG)
    mail.change(script=[weather])
    house.go_on()
    # Not what the stand-in itself writes: that is the far end.
    logged = [each.getMessage() for each in caplog.records if each.name != "mail.log"]
    assert logged or weather == "accept"
    said = " ".join([*logged, house.row.error or "", *house.told])
    assert [each for each in SECRETS if each in said] == []


def test_the_clock_hands_it_out_by_its_number_alone(
    database: Database, clock: SetClock, mail: StandInMail, redis: Redis
) -> None:
    house = House(database, clock, mail, redis)
    ticking = clocks.Clock(house.tools)
    ticking.tick(clock())
    ticking.tick(clock())
    waiting = queues.queue(redis, queues.POLL).jobs
    ours = [job for job in waiting if job.func_name == "worker.jobs.forward_reply"]
    assert [job.args for job in ours] == [[house.row.id]]
    keep_for_this_process(house.tools)
    jobs.forward_reply(house.row.id)
    assert len(mail.accepted()) == 1
