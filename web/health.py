"""Signs of life: `/healthz` (up), `/readyz` (able to work), `/metrics` (Prometheus).

What they tell beyond ready or not (shops, outcomes, queues) is for people and graphs: a
shop that is quiet at night does not make this server unready.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify
from redis.exceptions import RedisError
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from recovery import figures, pulses
from web.tools import tools

blueprint = Blueprint("health", __name__)
_CLOCK_LATE = timedelta(seconds=30)
_QUEUES = ("send", "poll")
_SHOPS_SHOWN = 20  # in /readyz, which stays small with thousands of shops; /metrics has all


@blueprint.get("/healthz")
def healthz() -> Response:
    """This process answers."""
    return Response("up", mimetype="text/plain")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Whether the database and Redis answer and the clock ticks; 503 when one does not."""
    database, clock, news = _what_the_database_says()
    checks = {"database": database, "redis": _redis(), "clock": clock}
    ready = all(check["ok"] for check in checks.values())
    return jsonify(ready=ready, **checks, **news), 200 if ready else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    """What can be counted, in Prometheus' text form; shops by public key, nobody's number."""
    with tools().database.reading() as db:
        rows = figures.gather(db, tools().now())
    rows += [("relance_queue_jobs", {"queue": name}, _depth(name)) for name in _QUEUES]
    return Response(_page(rows), mimetype="text/plain; version=0.0.4")


def _page(rows: list[figures.Row]) -> str:
    """The figures in the order given, each name's type before its first line."""
    names = dict.fromkeys(name for name, _, _ in rows)
    return "".join(
        f"# TYPE {name} gauge\n" + "".join(_line(row) for row in rows if row[0] == name)
        for name in names
    )


def _what_the_database_says() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Of itself, of the clock, and of shops and sends; read at one moment."""
    now = tools().now()
    try:
        with tools().database.reading() as db:
            clock = _clock(db, now)
            news = {"shops": _shops(db), "reminders": _reminders(db, now)}
    except SQLAlchemyError as error:
        silent = {"ok": False, "says": type(error).__name__}
        return silent, silent, {}
    return {"ok": True}, clock, news


def _clock(db: Connection, now: datetime) -> dict[str, Any]:
    last = pulses.last(db, "clock")
    if last is None:
        return {"ok": False, "says": "the clock has never ticked"}
    return {
        "ok": now - last < _CLOCK_LATE,
        "last_tick": last.isoformat(),
        "oldest_due_seconds": figures.oldest_due(db, now),
    }


def _shops(db: Connection) -> dict[str, Any]:
    """How many there are, and those that were polled longest ago."""
    shown = [
        {
            "shop": life.key,
            "last_webhook": _written(life.last_webhook_at),
            "last_poll": _written(life.last_poll_at),
            "poll_failures": life.poll_failures,
        }
        for life in figures.lives(db, _SHOPS_SHOWN)
    ]
    return {"active": figures.active_shops(db), "polled_longest_ago": shown}


def _reminders(db: Connection, now: datetime) -> dict[str, Any]:
    lately = figures.outcomes(db, now)
    return {
        "due": figures.due(db, now),
        "counted_seconds": lately.seconds,
        "by_state": dict(lately.by_state),
        "skipped_for": dict(lately.skipped_for),
    }


def _written(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def _redis() -> dict[str, Any]:
    redis = tools().redis
    if redis is None:
        return {"ok": False, "says": "REDIS_URL is not set"}
    try:
        redis.ping()
    except RedisError as error:
        return {"ok": False, "says": type(error).__name__}
    return {"ok": True, "queues": {name: _depth(name) for name in _QUEUES}}


def _depth(queue: str) -> float:
    # RQ keeps a queue as a list of job ids under this key.
    try:
        redis = tools().redis
        return float(redis.llen(f"rq:queue:{queue}")) if redis else 0.0
    except RedisError:
        return float("nan")


def _line(row: tuple[str, dict[str, str], float]) -> str:
    name, labels, value = row
    inside = ",".join(f'{key}="{text}"' for key, text in labels.items())
    return f"{name}{{{inside}}} {value:g}\n" if inside else f"{name} {value:g}\n"
