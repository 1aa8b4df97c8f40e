"""The web asks Redis only how it is; webhooks are stored without it."""

from __future__ import annotations

from redis import Redis


def open_redis(url: str) -> Redis | None:
    """A connection with short time-outs, or None when no Redis is set."""
    if not url:
        return None
    return Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
