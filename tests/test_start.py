"""`make run`: what a newcomer meets. Real processes, each in a folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from recovery import database as databases
from recovery import shops, tables
from recovery.database import Database
from settings import HERE
from tests.house import Shopper, answers, descendants, environment_for, is_alive, until
from tests.recovery.stories import rows

CTRL_C = 130
WEB = ("-m", "gunicorn", "-c", "python:web.serving", "web:create_app()")


@contextmanager
def started(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """`python start.py`, once it is ready; ended with all it started, whatever happens."""
    process = subprocess.Popen(
        [sys.executable, "start.py"],
        env=environment,
        cwd=HERE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until(lambda: answers(f"http://127.0.0.1:{environment['PORT']}/readyz"))
        until(lambda: answers(f"http://127.0.0.1:{environment['SANDBOX_PORT']}/healthz"))
        yield process
    finally:
        for pid in [*descendants(process.pid), process.pid]:
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)
        process.wait(20)


def press_ctrl_c(process: subprocess.Popen[bytes]) -> int:
    """What a terminal does: the signal goes to the whole foreground group."""
    os.killpg(process.pid, signal.SIGINT)
    return process.wait(30)


def run(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        env=environment,
        cwd=HERE,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """For what is told before any database is asked."""
    return environment_for(tmp_path, f"sqlite:///{tmp_path / 'relance.sqlite'}")


@pytest.fixture
def at_first(database_url: str, tmp_path: Path) -> dict[str, str]:
    """A machine on which nothing was started yet: the database holds not one table."""
    if database_url.startswith("sqlite"):
        Path(database_url.removeprefix("sqlite:///")).unlink()
    else:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
    return environment_for(tmp_path, database_url)


def test_ctrl_c_ends_every_process_and_a_second_start_keeps_the_data(
    at_first: dict[str, str],
) -> None:
    environment = at_first
    shopper = Shopper(f"http://127.0.0.1:{environment['SANDBOX_PORT']}")
    database = Database(environment["DATABASE_URL"])
    with started(environment) as first:
        shopper.leaves_a_cart("lamp", phone="06 12 34 56 78", sms=True)
        until(lambda: rows(database, tables.carts))
        all_of_it = descendants(first.pid)
        assert len(all_of_it) >= 5  # web, clock, worker, sandbox, Valkey
        assert press_ctrl_c(first) == CTRL_C
        until(lambda: not any(map(is_alive, all_of_it)), seconds=15)
    with started(environment) as second:
        assert "Reading lamp" in shopper.opens("/cart").text
        assert len(rows(database, tables.carts)) == 1
        assert len(rows(database, tables.shops)) == 1
        assert press_ctrl_c(second) == CTRL_C
    shopper.goes()
    database.close()


@pytest.mark.parametrize(
    ("name", "host", "taken"),
    [
        ("PORT", "127.0.0.1", "127.0.0.1"),
        ("PORT", "127.0.0.2", "127.0.0.2"),
        ("PORT", "0.0.0.0", "127.0.0.3"),
        ("SANDBOX_PORT", "127.0.0.2", "127.0.0.1"),
    ],
)
def test_a_busy_port_is_told_in_words(
    environment: dict[str, str], name: str, host: str, taken: str
) -> None:
    with socket.socket() as somebody:
        somebody.bind((taken, int(environment[name])))
        somebody.listen()
        ended = run(environment | {"HOST": host}, "start.py")
    assert ended.returncode == 2
    assert f"Port {environment[name]} is in use" in ended.stderr
    hint = ended.stderr.partition("make run ")[2].split()
    asked = environment | {name: str(int(environment[name]) + 100)}
    assert hint == [f"{each}={asked[each]}" for each in ("PORT", "SANDBOX_PORT")]
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("host", ["203.0.113.7", "no such host"])
def test_a_host_that_is_not_this_machines_is_told_in_words(
    environment: dict[str, str], host: str
) -> None:
    ended = run(environment | {"HOST": host}, "start.py")
    assert (ended.returncode, ended.stderr[:5]) == (2, "HOST:")
    assert host in ended.stderr
    assert "Traceback" not in ended.stderr


def test_one_port_for_two_is_told_in_words(environment: dict[str, str]) -> None:
    ended = run(environment | {"SANDBOX_PORT": environment["PORT"]}, "start.py")
    assert (ended.returncode, ended.stderr[:13]) == (2, "SANDBOX_PORT:")


def test_settings_that_cannot_be_used_are_told_all_at_once(environment: dict[str, str]) -> None:
    ended = run(environment | {"PORT": "x", "SECRET_KEY": "short"}, "start.py")
    assert ended.returncode == 2
    assert all(name in ended.stderr for name in ("PORT:", "SECRET_KEY:"))
    assert "Traceback" not in ended.stderr


def test_time_cannot_be_moved_beside_a_real_shop(at_first: dict[str, str]) -> None:
    databases.upgrade(at_first["DATABASE_URL"])
    database = Database(at_first["DATABASE_URL"])
    with database.transaction() as db:
        shops.add(db, "shopify", "real.myshopify.com", datetime.now(UTC))
    database.close()
    ended = run(at_first, "start.py")
    assert (ended.returncode, "PUBLIC_URL" in ended.stderr) == (2, True)
    with_redis = at_first | {"REDIS_URL": "redis://127.0.0.1:9/0"}
    for command in (("worker", "clock"), ("worker", "work"), ("connectors.sandbox",)):
        ended = run(with_redis, "-m", *command)
        assert (ended.returncode, "CLOCK_FILE" in ended.stderr) == (2, True), command
        assert "Traceback" not in ended.stderr
    ended = run(with_redis, *WEB)
    assert (ended.returncode, "CLOCK_FILE: not allowed" in ended.stderr) == (3, True)


def test_time_cannot_be_moved_where_nobody_knows_of_real_shops(
    environment: dict[str, str],
) -> None:
    away = environment | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}
    ended = run(away, "-m", "connectors.sandbox")
    assert (ended.returncode, "CLOCK_FILE" in ended.stderr) == (2, True)
    assert "Traceback" not in ended.stderr


def test_migrating_brings_the_settings_vonage_account_into_its_row(
    at_first: dict[str, str],
) -> None:
    vonage = {
        "VONAGE_APPLICATION_ID": "5f0c1d1e-7a52-4a0c-9a9d-0c1b7b1c0e11",
        "VONAGE_PRIVATE_KEY": "-----BEGIN PRIVATE KEY-----\\nmade up",
        "VONAGE_SIGNATURE_SECRET": "a-made-up-secret-of-forty-characters-000",
        "VONAGE_FROM": "+33755530017",
    }
    for _ in range(2):  # once more after every change of the settings
        ended = run(at_first | vonage, "-m", "worker", "migrate")
        assert ended.returncode == 0, ended.stderr
    database = Database(at_first["DATABASE_URL"])
    (account,) = rows(database, tables.accounts)
    assert (account.name, account.sender) == ("service", "+33755530017")
    assert "made up" not in account.credentials
    database.close()
