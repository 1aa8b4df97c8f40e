"""Whether an address that somebody typed may be asked at all: not our own network."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit


def is_public(address: str, allow_private: bool) -> bool:
    """True when every address that the host resolves to is a public one.

    `allow_private` (a setting for development) lets loopback and private ranges pass.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return False
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    hosts = {ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found}
    return bool(hosts) and (allow_private or all(host.is_global for host in hosts))
