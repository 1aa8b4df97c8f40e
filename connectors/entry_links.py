"""The signed link by which a shop lets its own people into our pages.

The shop's side (WordPress's plugin, the sandbox) proves who somebody is; the link carries that
for a minute, once. What is signed begins with the door's name, so that no other signature of the
shop opens it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.protocols import Forged

FRESH = timedelta(seconds=60)
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,48}\Z")
_USER = re.compile(r"[1-9][0-9]{0,18}\Z")
_AT = re.compile(r"[0-9]{1,12}\Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """A proven person: their number at the shop's platform, and the link's own number."""

    user: str
    nonce: str


def signature(secret: str, shop_key: str, user: str, at: str, nonce: str) -> str:
    """Hex HMAC-SHA256 of `enter.shop_key.user.at.nonce`."""
    signed = ".".join(("enter", shop_key, user, at, nonce)).encode(errors="replace")
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def query(secret: str, shop_key: str, user: str, nonce: str, now: datetime) -> dict[str, str]:
    """The parameters of a link made at `now`."""
    at = str(int(now.timestamp()))
    made = signature(secret, shop_key, user, at, nonce)
    return {"user": user, "at": at, "nonce": nonce, "signature": made}


def read(given: Mapping[str, str], secret: str, shop_key: str, now: datetime) -> Entry:
    """Who comes by this link. Raises `Forged`; whether it was used before is the caller's."""
    user, at, nonce = given.get("user", ""), given.get("at", ""), given.get("nonce", "")
    if not secret or not (_USER.match(user) and _AT.match(at) and _NONCE.match(nonce)):
        raise Forged("this is no link that the shop signed")
    made = signature(secret, shop_key, user, at, nonce)
    told = given.get("signature", "").encode(errors="replace")
    if not hmac.compare_digest(made.encode(), told):
        raise Forged("this is no link that the shop signed")
    if abs(now.timestamp() - int(at)) > FRESH.total_seconds():
        raise Forged("this link has ended: open it from the shop again")
    return Entry(user, nonce)
