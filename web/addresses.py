"""Whether an address that somebody typed may be asked at all: not our own network."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit


def is_public(address: str, allow_private: bool) -> bool:
    """True when every address that the host resolves to is a public one.

    It spares the merchant a journey that ends nowhere. It is not the guard: the name may
    lead elsewhere later, so `connectors.woocommerce.line` judges it at every call.
    `allow_private` (a setting for development) lets loopback and private ranges pass.
    """
    found = _leads_to(address)
    return bool(found) and (allow_private or all(found))


def is_private(address: str) -> bool:
    """True when the host resolves, and to something else than public addresses."""
    found = _leads_to(address)
    return bool(found) and not all(found)


def _leads_to(address: str) -> list[bool]:
    """Of each address that the host resolves to, whether it is public; empty: to none."""
    from connectors.woocommerce import line  # with all its HTTP, which hooks do without

    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return []
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [line.is_public(str(entry[4][0])) for entry in found]
