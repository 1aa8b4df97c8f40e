"""The line to an address that a merchant typed: it is judged again as the line opens.

A name that led to a shop when it was typed may lead into our own network a minute
later (DNS rebinding). So the name is resolved once per line, all it leads to is
judged, and the line goes to the very address that was judged, before a byte is sent.
`Host`, SNI and the certificate stay with the name. Where the environment names a proxy
(`HTTPS_PROXY`), the proxy opens the line, and it is the proxy that has to refuse.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
_NAT64_LOCAL = ipaddress.IPv6Network("64:ff9b:1::/48")  # RFC 8215: into a network of one's own
_COMPATIBLE = ipaddress.IPv6Network("::/96")  # RFC 4291, 2.5.5.1
_EXAMPLES = ipaddress.IPv6Network("3fff::/20")  # RFC 9637: documentation
_PROTOCOLS = ipaddress.IPv4Network("192.0.0.0/24")  # RFC 6890; older Pythons know a part of it
_MOST_TRIES = 4  # addresses of one name; each may take the whole time-out


class NotPublic(NewConnectionError):
    """The name leads into a private network; nothing was sent there."""


def is_public(address: str) -> bool:
    """True for an address of the open internet, as `getaddrinfo` writes it.

    An IPv6 address that stands for an IPv4 one (mapped, compatible, NAT64, 6to4) is as
    public as that one; multicast is not. Python itself sees through some of these forms
    in some versions only.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inside = _ipv4_inside(found)
        if inside is not None:
            return is_public(str(inside))
        if found in _NAT64_LOCAL or found in _EXAMPLES or found.is_site_local:
            return False
    elif found in _PROTOCOLS:
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def _ipv4_inside(found: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if found in _NAT64 or found in _COMPATIBLE:
        return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found.sixtofour


def session(*, may_be_private: bool) -> requests.Session:
    """Opens lines to public addresses only; to all of them for development."""
    made = requests.Session()
    if not may_be_private:
        for scheme in ("http://", "https://"):
            made.mount(scheme, _JudgingAdapter())
    return made


class _JudgingConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _open(self, self._dns_host)


class _JudgingHTTPSConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _open(self, self._dns_host)


class _JudgingPool(HTTPConnectionPool):
    ConnectionCls = _JudgingConnection


class _JudgingHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _JudgingHTTPSConnection


class _JudgingAdapter(HTTPAdapter):
    def init_poolmanager(self, *places: Any, **named: Any) -> None:
        super().init_poolmanager(*places, **named)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _JudgingPool,
            "https": _JudgingHTTPSPool,
        }


def _open(line: HTTPConnection, name: str) -> socket.socket:
    """A socket to one of the addresses that `name` leads to, all of them public ones.

    One private address among public ones refuses the name: which of them would be
    taken is for whoever answers for that name to choose.
    """
    addresses = _resolved(line, name)
    if not all(map(is_public, addresses)):
        raise NotPublic(line, "the address is not a public one")
    troubles: list[OSError] = []
    for address in addresses[:_MOST_TRIES]:
        try:
            return create_connection(
                (address, line.port), line.timeout, line.source_address, line.socket_options
            )
        except OSError as error:
            troubles.append(error)
    if any(isinstance(each, TimeoutError) for each in troubles):
        raise ConnectTimeoutError(line, "the shop did not answer in time") from troubles[-1]
    raise NewConnectionError(line, "no line came about") from troubles[-1]


def _resolved(line: HTTPConnection, name: str) -> list[str]:
    try:
        found = socket.getaddrinfo(name.strip("[]"), line.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise NameResolutionError(name, line, error) from error
    return [str(entry[4][0]) for entry in found]
