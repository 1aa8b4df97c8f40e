"""Connecting a shop through wc-auth, and what a shop says of itself.

The merchant is sent to `authorize_url`; the shop posts its keys to our callback.
That post is unsigned and names no shop: `user_id` must be an unguessable,
single-use value of ours that stands for the shop we sent away, and the keys are
tried (`keys_work`) against that shop before they are believed. The callback must
be answered with exactly 200: anything else makes the shop delete the keys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import SplitResult, urlencode, urlsplit

from connectors.protocols import Connection, Refused, Unreadable
from connectors.woocommerce.client import Rest, base_address
from connectors.woocommerce.fields import amount, parse_row, part, text, words
from recovery.model import ShopNews

LARGEST_CALLBACK = 4_096
A_KEY = re.compile(r"ck_[0-9a-f]{40}\Z")
A_SECRET = re.compile(r"cs_[0-9a-f]{40}\Z")
# Zones of a fixed offset that is not whole hours; none of them has a summer time.
ODD_ZONES = {
    "3.5": "Asia/Tehran",
    "4.5": "Asia/Kabul",
    "5.5": "Asia/Kolkata",
    "5.75": "Asia/Kathmandu",
    "6.5": "Asia/Yangon",
    "9.5": "Australia/Darwin",
}
A_HOST = re.compile(
    r"(?=.{1,253}\Z)(?!.*(?:^|\.)-)(?!.*-(?:\.|\Z))[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+\Z|localhost\Z"
)
PAGES_OF_WORDPRESS = re.compile(r"/(wp-admin|wp-login\.php|wp-json|wc-auth|my-account)(/.*)?\Z")


@dataclass(frozen=True, slots=True)
class Granted:
    """What the shop posted: whom we asked for, and the keys for it."""

    user_id: str
    credentials: Mapping[str, str]


def authorize_url(
    address: str, app_name: str, user_id: str, return_url: str, callback_url: str
) -> str:
    """Where to send the merchant. Raises `ValueError` for what wc-auth would refuse.

    The callback must be https on a public host; `user_id` "0" counts as missing.
    """
    if not callback_url.startswith("https://"):
        raise ValueError("the callback needs https")
    if not user_id or user_id == "0":
        raise ValueError("wc-auth takes no empty user_id")
    query = urlencode(
        {
            "app_name": app_name,
            "scope": "read_write",
            "user_id": user_id,
            "return_url": return_url,
            "callback_url": callback_url,
        }
    )
    return f"{base_address(address)}/wc-auth/v1/authorize?{query}"


def read_callback(body: bytes) -> Granted:
    """The keys that a shop posted. Strict. Raises `Unreadable`."""
    if len(body) > LARGEST_CALLBACK:
        raise Unreadable("the callback is too large")
    row = parse_row(body)
    user_id, consumer_key, secret = (
        value if isinstance(value := row.get(name), str) else ""
        for name in ("user_id", "consumer_key", "consumer_secret")
    )
    if not user_id or not A_KEY.match(consumer_key) or not A_SECRET.match(secret):
        raise Unreadable("the callback does not hold a user_id and a pair of keys")
    if row.get("key_permissions") != "read_write":
        raise Unreadable("the keys do not let us read and write")
    return Granted(user_id, {"consumer_key": consumer_key, "consumer_secret": secret})


def keys_work(connection: Connection) -> None:
    """Return when this shop accepts the keys. Raises `AccountStopped`, `Busy`, `Unreadable`."""
    Rest(connection).get("orders", per_page=1).rows()


def shop_news(rest: Rest) -> ShopNews:
    """Name, currency, country, time zone and language. Raises `AccountStopped`, `Busy`."""
    settings = {text(row, "id"): row for row in rest.get("settings/general").rows()}
    index = rest.index().row()

    def setting(name: str) -> str | None:
        return text(settings.get(name, {}), "value")

    country = setting("woocommerce_default_country")  # "US:CA"
    return ShopNews(
        name=words(index, "name"),
        currency=setting("woocommerce_currency"),
        country=country.partition(":")[0].upper() if country else None,
        timezone=text(index, "timezone_string") or zone_of(amount(index, "gmt_offset")),
        locale=language(rest),
    )


def language(rest: Rest) -> str | None:
    """The site's language ("de_DE"), where the keys' owner may see it."""
    try:
        return text(
            part(rest.get("system_status", _fields="environment").row(), "environment"), "language"
        )
    except Refused:
        return None


def zone_of(offset: Decimal | None) -> str | None:
    """A zone for WordPress's bare hours from UTC ("5.5"); None when none fits."""
    if offset is None:
        return None
    hours = offset.normalize()
    if hours == hours.to_integral_value():
        # POSIX signs: Etc/GMT-5 lies five hours east.
        return f"Etc/GMT{-int(hours):+d}" if hours else "UTC"
    return ODD_ZONES.get(f"{hours:f}")


def clean_address(typed: str) -> str | None:
    """The base address of the shop a merchant typed, or None when it is no address.

    "Shop.example/wp-admin/?x=1" becomes "https://shop.example". A path stays, for
    shops that live in one. It does not say that a shop is there, or that the host
    is a public one: whoever calls it from a server has to look.
    """
    text_ = typed.strip()
    if re.search(r"[\s\x00-\x1f]", text_):  # urlsplit would drop some of them silently
        return None
    if not re.match(r"[a-z][a-z0-9+.-]*://", text_, re.IGNORECASE):
        text_ = f"https://{text_}"
    try:
        parts = urlsplit(text_)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode("ascii")
        port = parts.port
    except (ValueError, UnicodeError):
        return None
    if not may_be_a_shop(parts, host):
        return None
    usual = {"https": 443, "http": 80}[parts.scheme]
    place = host if port in (None, usual) else f"{host}:{port}"
    path = PAGES_OF_WORDPRESS.sub("", re.sub("/+", "/", parts.path)).rstrip("/")
    return f"{parts.scheme}://{place}{path}"


def may_be_a_shop(parts: SplitResult, host: str) -> bool:
    """http or https, nobody's password in it, a host of usual letters, a plain path."""
    return (
        parts.scheme in ("http", "https")
        and parts.username is None
        and A_HOST.match(host) is not None
        and re.fullmatch(r"[A-Za-z0-9._~%/-]*", parts.path) is not None
        and ".." not in parts.path
    )
