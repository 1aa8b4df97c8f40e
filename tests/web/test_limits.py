"""How often one client may come: with Redis there, filled, and away."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import pytest
from redis import Redis
from werkzeug.test import TestResponse

from tests.valkeys import a_valkey
from tests.web.stage import Stage
from web import limits
from web.limits import client, client_mark

MOST = 30  # of entry
A_LINK = "/enter/sandbox/nobodys"
STAGE = Callable[..., Stage]


@pytest.fixture(scope="module")
def valkey() -> Iterator[str]:
    with a_valkey() as server:
        yield f"redis://127.0.0.1:{server.port}/0"


@pytest.fixture
def redis(valkey: str) -> Iterator[Redis]:
    with Redis.from_url(valkey) as opened:
        opened.flushall()
        yield opened


def come(
    stage: Stage, address: str = A_LINK, of: str = "198.51.100.7", **more: str
) -> TestResponse:
    return stage.client.get(address, environ_base={"REMOTE_ADDR": of}, headers=more)


def fill(stage: Stage, of: str = "198.51.100.7", **more: str) -> None:
    for _ in range(MOST):
        assert come(stage, of=of, **more).status_code == 401


def test_who_comes_too_often_is_told_when_to_come_again(
    a_stage: STAGE, valkey: str, redis: Redis
) -> None:
    stage = a_stage(REDIS_URL=valkey)
    fill(stage)
    answer = come(stage, **{"Accept-Language": "fr"})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Trop de demandes" in answer.text
    assert come(stage, of="198.51.100.8").status_code == 401, "somebody else may come"
    assert come(stage, "/r/nothing").status_code == 404, "another door counts by itself"


def test_two_processes_count_together_and_keep_no_address(
    a_stage: STAGE, valkey: str, redis: Redis
) -> None:
    one, other = a_stage(REDIS_URL=valkey), a_stage(REDIS_URL=valkey)
    fill(one)
    assert come(other).status_code == 429
    kept = [key.decode() for key in redis.keys("*")]
    assert kept
    assert not any("198.51.100" in key for key in kept)
    assert all(0 < redis.ttl(key) <= 60 for key in kept)


def test_an_ipv6_line_is_one_client_whatever_address_it_takes(
    a_stage: STAGE, valkey: str, redis: Redis
) -> None:
    stage = a_stage(REDIS_URL=valkey)
    fill(stage, of="2001:db8:1:2::7")
    assert come(stage, of="2001:db8:1:2:ffff::9").status_code == 429
    assert come(stage, of="2001:db8:1:3::7").status_code == 401


def test_behind_a_proxy_of_ours_the_client_is_who_the_proxy_saw(
    a_stage: STAGE, valkey: str, redis: Redis
) -> None:
    stage = a_stage(REDIS_URL=valkey, TRUSTED_PROXIES="1")
    fill(stage, **{"X-Forwarded-For": "203.0.113.1, 203.0.113.5"})
    assert come(stage, **{"X-Forwarded-For": "203.0.113.2, 203.0.113.5"}).status_code == 429
    assert come(stage, **{"X-Forwarded-For": "203.0.113.1, 203.0.113.6"}).status_code == 401


def test_what_is_written_in_a_header_names_nobody_without_a_proxy(
    a_stage: STAGE, valkey: str, redis: Redis
) -> None:
    stage = a_stage(REDIS_URL=valkey)
    fill(stage, **{"X-Forwarded-For": "203.0.113.5"})
    assert come(stage, **{"X-Forwarded-For": "203.0.113.6"}).status_code == 429


def test_a_no_and_a_webhook_are_never_too_many(a_stage: STAGE, valkey: str, redis: Redis) -> None:
    stage = a_stage(REDIS_URL=valkey)
    said = {stage.client.post("/stop/nothing").status_code for _ in range(125)}
    assert said == {404}
    said = {stage.client.post("/hooks/woocommerce/nobodys").status_code for _ in range(125)}
    assert 429 not in said


def test_the_plugin_hears_it_in_its_own_way(a_stage: STAGE, valkey: str, redis: Redis) -> None:
    stage = a_stage(REDIS_URL=valkey)
    for _ in range(30):
        assert stage.client.post("/pair", data=b"{}").status_code == 400
    answer = stage.client.post("/pair", data=b"{}")
    assert answer.status_code == 429
    assert "try again" in answer.get_json()["error"]


def test_without_redis_everybody_is_let_in(a_stage: STAGE) -> None:
    stage = a_stage()
    fill(stage)
    assert come(stage).status_code == 401


def test_while_redis_is_away_everybody_is_let_in_and_it_is_asked_once(a_stage: STAGE) -> None:
    with socket.socket() as silent:  # takes lines and never answers
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        silent.setblocking(False)
        stage = a_stage(REDIS_URL=f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        fill(stage)
        assert come(stage).status_code == 401
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()


def test_redis_is_asked_again_after_some_seconds(
    a_stage: STAGE, valkey: str, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = a_stage(REDIS_URL=valkey)
    fill(stage)
    storage = stage.app.extensions["relance.limiter"].storage
    storage._away_until = time.monotonic() + 60
    assert come(stage).status_code == 401
    later = time.monotonic() + 61
    monkeypatch.setattr(limits.time, "monotonic", lambda: later)
    assert come(stage).status_code == 429


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_a_client_is_an_address_or_a_line(address: str, named: str) -> None:
    assert client(address) == named


def test_the_mark_of_a_client_needs_the_secret() -> None:
    assert client_mark("198.51.100.7", "one") != client_mark("198.51.100.7", "other")
    assert client_mark("2001:db8::1", "one") == client_mark("2001:db8::2", "one")
