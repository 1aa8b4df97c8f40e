"""Two worker processes on one account of 30 messages a second share its limit."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from redis import Redis

import settings as configuration
from recovery import accounts, planning, tables
from recovery.database import Database
from recovery.secrets import Keys
from tests.house import environment_for, until
from tests.recovery.stories import a_cart, a_shop, a_shopper, know_orders, record, rows
from tests.standins.vonage import StandInVonage
from worker import queues

MANY = 90
RATE = 30
#: What the provider takes in a second beyond the account's rate: how far a busy machine may
#: bunch messages up. Two workers that did not share the limit would send twice the rate, and
#: a quarter of what they send would be throttled.
ROOM = 15
FEW = MANY // 10


@contextmanager
def two_workers(environment: dict[str, str], log: Path) -> Iterator[None]:
    """`python -m worker work`, twice; ended with a word."""
    with log.open("ab") as out:
        both = [
            subprocess.Popen(
                [sys.executable, "-m", "worker", "work"],
                env=environment,
                cwd=configuration.HERE,
                stdout=out,
                stderr=out,
            )
            for _ in range(2)
        ]
    try:
        yield
    finally:
        for each in both:
            each.terminate()
        for each in both:
            try:
                each.wait(20)
            except subprocess.TimeoutExpired:
                each.kill()
                each.wait(20)


def many_due(database: Database, keys: Keys, credentials: dict[str, str]) -> int:
    """So many reminders, due by the real clock; the id of their account."""
    now = datetime.now(UTC)
    left = now - timedelta(hours=2)
    shop = a_shop(database, left, any_hour=True)
    with database.transaction() as db:
        account = accounts.keep(
            db, keys, "service", "vonage", "+33700000001", credentials, rate=float(RATE)
        )
    for number in range(MANY):
        phone = f"+336123456{number:02}"
        shopper = a_shopper(left, phone=phone, email=f"a{number}@example.com")
        record(database, shop, a_cart(left, key=f"c{number}", shopper=shopper), now=left)
    database.run(lambda db: planning.abandon_idle(db, now))
    know_orders(database, shop, now + timedelta(minutes=5))
    return account.id


def all_tried(database: Database) -> bool:
    """Whether each was handed to the provider once, whatever it said."""
    found = rows(database, tables.reminders)
    return all(row.attempts and row.state != "sending" for row in found)


def test_two_workers_share_one_accounts_limit(
    database: Database,
    redis: Redis,
    valkey: str,
    tmp_path: Path,
) -> None:
    with StandInVonage() as vonage:
        vonage.change(rate=RATE + ROOM)
        environment = environment_for(
            tmp_path,
            database.url,
            REDIS_URL=valkey,
            CLOCK_FILE="",
            REQUESTS_CA_BUNDLE=vonage.ca_file,
            VONAGE_API_HOST=vonage.host,
        )
        keys = Keys(configuration.load(environment).encryption_keys)
        account = many_due(database, keys, vonage.credentials)
        ids = [row.id for row in rows(database, tables.reminders)]
        log = tmp_path / "workers.log"
        with two_workers(environment, log):
            until(lambda: redis.scard("rq:workers:send") == 2, told=log.read_text)
            for part in (ids[: MANY // 2], ids[MANY // 2 :]):
                queues.enqueue(redis, queues.SEND, "send_reminders", account, part)
            until(lambda: all_tried(database), told=log.read_text)
        counts = vonage.counts()
    assert counts["requests"] >= MANY
    assert counts["requests"] - counts["accepted"] <= FEW  # those were throttled
