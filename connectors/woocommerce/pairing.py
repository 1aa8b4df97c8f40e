"""Asking a shop back: does it, at the address we know, wait for this very pairing?

Whoever has a code and a nonce may be anybody. The plugin lays out the nonce's hash at an
address of the shop that everybody can read, for five minutes; only who can write there, the
shop itself, can have made both. The hash tells nothing of the nonce.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from unicodedata import category
from urllib.parse import urlsplit

import requests

from connectors.protocols import Connection, Refused, Unreadable
from connectors.woocommerce import line
from connectors.woocommerce.answers import Reply, judge
from connectors.woocommerce.client import base_address, can_be_called, trouble
from connectors.woocommerce.fields import parse_row, text
from connectors.woocommerce.install import clean_address

DOOR = "/?rest_route=/relance/v1/pairing"  # open also where permalinks are plain
A_CODE = re.compile(r"[A-Za-z0-9_-]{16,64}\Z")
A_NONCE = re.compile(r"[0-9a-f]{32}\Z")
TIMEOUT = 5.0  # seconds for the line, and for each read
LONGEST_READ = 10.0  # seconds for the whole answer
LARGEST_ANSWER = 4_096  # bytes
LARGEST_REQUEST = 4_096
VERSION = 1
#: Controls, and what turns the direction of writing or has no width: with these an address
#: can look like another one. Unicode's categories Cc and Cf, and half a character.
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
#: Of these a name keeps the joiners, which some scripts need.
_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
NOT_CONFIRMED = "The shop did not confirm the pairing. Press the button in WordPress once more."


def read_pairing(body: bytes) -> tuple[str, str, str]:
    """Code, the shop's own address, cleaned, and nonce, as the plugin posts them.

    Raises `Unreadable`.
    """
    if len(body) > LARGEST_REQUEST:
        raise Unreadable("the request is too large")
    row = parse_row(body)
    code, nonce = text(row, "code") or "", text(row, "nonce") or ""
    told = text(row, "address") or ""
    if any(category(letter) in _UNSEEN for letter in told):
        raise Unreadable("address: a letter in it cannot be seen")
    address = clean_address(told)
    if row.get("version") != VERSION or not A_CODE.match(code) or not A_NONCE.match(nonce):
        raise Unreadable("a code and a nonce were expected")
    if address is None:
        raise Unreadable("address: the shop's own address was expected")
    return code, address, nonce


def is_same_shop(ours: str, theirs: str) -> bool:
    """Whether two clean addresses name one shop: alike but for http or https and `www.`."""
    return _plain(ours) == _plain(theirs)


def _plain(address: str) -> str:
    parts = urlsplit(address)
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return (parts.hostname or "").removeprefix("www.") + port + parts.path


def shown(address: str) -> str:
    """The address as a person may read it: the host in ASCII letters, so that none looks like
    another (`https://xn--…`); what is no address is not shown at all.
    """
    return clean_address(address) or "?"


def shown_name(name: str) -> str:
    """A shop's name without controls and without what turns the direction of writing."""
    return "".join(each for each in name if category(each) != "Cc" and each not in _TURNS)


def proof_of(nonce: str) -> str:
    """What the shop shows to everybody while it waits for the pairing of `nonce`."""
    return hashlib.sha256(f"relance-pairing:{nonce}".encode()).hexdigest()


def confirm(connection: Connection, nonce: str) -> None:
    """Return when the shop at the connection's address waits for the pairing of `nonce`.

    Raises `Refused`, `Busy`, `AccountStopped`, `Unreadable`, in words for the merchant.
    """
    base = base_address(connection.address)
    if not can_be_called(base):
        raise Refused("The shop's address cannot be called: connect the shop again.")
    reply = _ask(f"{base}{DOOR}", connection.options.get("allow_private") == "1")
    if reply.status == 404:
        raise Refused(NOT_CONFIRMED)
    found = judge(reply, reading=True).found
    told = found.get("proof") if isinstance(found, dict) else None
    shown = told.encode("utf-8", "replace") if isinstance(told, str) else b""
    if not hmac.compare_digest(shown, proof_of(nonce).encode()):
        raise Refused(NOT_CONFIRMED)


def _ask(address: str, may_be_private: bool) -> Reply:
    # A redirect could lead anywhere: it is an answer like any other, and not the shop's word.
    said = {"User-Agent": "Relance", "Accept": "application/json", "Cache-Control": "no-cache"}
    said["Accept-Encoding"] = "identity"
    try:
        with (
            line.session(may_be_private=may_be_private) as session,
            session.get(
                address, headers=said, timeout=TIMEOUT, allow_redirects=False, stream=True
            ) as response,
        ):
            return _whole(response)
    except requests.RequestException as error:
        raise trouble(error, reading=True) from error
    except UnicodeError as error:  # a host name that cannot be one
        raise Refused("The shop's address cannot be called: connect the shop again.") from error


def _whole(response: requests.Response) -> Reply:
    until = time.monotonic() + LONGEST_READ
    content = b""
    for part in response.iter_content(1):  # a larger part may drip in for minutes
        content += part
        if len(content) > LARGEST_ANSWER or time.monotonic() > until:
            raise Unreadable("The shop answered with a page instead of JSON.")
    return Reply(response.status_code, response.headers, content)
