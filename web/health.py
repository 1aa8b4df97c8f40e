"""Signs of life: `/healthz` (up), `/readyz` (able to work), `/metrics` (Prometheus)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from recovery import figures, pulses
from web.tools import tools

blueprint = Blueprint("health", __name__)
_CLOCK_LATE = timedelta(seconds=30)
_QUEUES = ("send", "poll")


@blueprint.get("/healthz")
def healthz() -> Response:
    """This process answers."""
    return Response("up", mimetype="text/plain")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Whether the database and Redis answer and the clock ticks; 503 when one does not."""
    checks = {"database": _database(), "redis": _redis(), "clock": _clock()}
    ready = all(check["ok"] for check in checks.values())
    return jsonify(ready=ready, **checks), 200 if ready else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    """What can be counted, in Prometheus' text form; no shop's name, nobody's number."""
    with tools().database.reading() as db:
        rows = figures.gather(db, tools().now())
    rows += [("relance_queue_jobs", {"queue": name}, _depth(name)) for name in _QUEUES]
    return Response("".join(map(_line, rows)), mimetype="text/plain; version=0.0.4")


def _database() -> dict[str, Any]:
    try:
        with tools().database.reading() as db:
            pulses.last(db, "clock")
    except SQLAlchemyError as error:
        return {"ok": False, "says": type(error).__name__}
    return {"ok": True}


def _redis() -> dict[str, Any]:
    redis = tools().redis
    if redis is None:
        return {"ok": False, "says": "REDIS_URL is not set"}
    try:
        redis.ping()
    except RedisError as error:
        return {"ok": False, "says": type(error).__name__}
    return {"ok": True, "queues": {name: _depth(name) for name in _QUEUES}}


def _clock() -> dict[str, Any]:
    try:
        with tools().database.reading() as db:
            last = pulses.last(db, "clock")
            oldest = figures.oldest_due(db, tools().now())
    except SQLAlchemyError as error:
        return {"ok": False, "says": type(error).__name__}
    if last is None:
        return {"ok": False, "says": "the clock has never ticked"}
    late = tools().now() - last
    return {
        "ok": late < _CLOCK_LATE,
        "last_tick": last.isoformat(),
        "oldest_due_seconds": oldest,
    }


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
