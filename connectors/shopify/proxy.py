"""The app proxy: what the box in the theme posts to the shop, forwarded and signed by Shopify.

The signature is of another kind than a webhook's: over the query alone, the pairs sorted
and joined by nothing, in hex. The body is not covered. So a query is good once: the box
puts a number of its own into it (`n`), and who takes the request in uses its signature up.
Source: shopify.dev, "Authenticate app proxies".
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from connectors.protocols import Forged, Unreadable
from connectors.shopify.browser_carts import cart_key
from connectors.shopify.reading import bare_token, read_json, text
from connectors.shopify.signing import sanitised_shop
from recovery.model import (
    Channel,
    Consent,
    ContactSeen,
    CustomerSeen,
    RequestKind,
    Seen,
    Shopper,
    TextRequest,
)

FRESH = 300.0  # seconds that a signed query is good for, to either side
LONGEST_BODY = 8 * 1024  # bytes
SOURCE = "embed"

_MOST_FIELDS = 40
#: A visitor may write any of these into the query as well: then it is nobody's word.
_VOUCHED = frozenset(
    {"shop", "logged_in_customer_id", "path_prefix", "timestamp", "signature", "n"}
)
_LONGEST_WORDS = 600
#: The words beside a tick come from the page, and so may be anything: kept, they say so.
AS_TOLD = "told by the browser: "
_NUMBER_ONCE = re.compile(r"[0-9a-f]{16,64}")
_ID = re.compile(r"[0-9]{1,20}")
_TOKEN = re.compile(r"[\x21-\x7e]{1,200}")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_WATCHES = frozenset({RequestKind.BACK_IN_STOCK, RequestKind.PRICE_DROP})


@dataclass(frozen=True, slots=True)
class Visit:
    """What Shopify vouches for: the shop, who is logged in there, and this one request.

    `page` and `ip` are where it came from, as the browser and the proxies before us say.
    """

    shop: str
    signature: str
    customer_key: str | None = None
    page: str | None = None
    ip: str | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """What a shopper filled in. `asks` and `marketing` hold the words that were ticked."""

    phone: str
    asks: Mapping[RequestKind, str]
    marketing: str | None = None
    country: str | None = None
    locale: str | None = None
    cart_token: str | None = None
    product_key: str | None = None
    variant_key: str | None = None


def verify_proxy(query: str, secrets: Iterable[str], now: datetime) -> Visit:
    """Raise `Forged` unless one of the app's `secrets` signed this raw query just now."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Forged("a query of too many fields") from error
    names = [name for name, _ in pairs if name in _VOUCHED]
    if len(names) != len(set(names)) or "signature" not in names:
        raise Forged("what Shopify vouches for is missing, or there twice")
    given, message = dict(pairs)["signature"], _signed_text(pairs)
    genuine = False
    for secret in secrets:
        if secret:
            expected = hmac.new(secret.encode(), message, "sha256").hexdigest()
            genuine |= hmac.compare_digest(expected.encode(), given.encode())
    if not genuine:
        raise Forged("the signature does not fit the query")
    return _visit(dict(pairs), given, now)


def _signed_text(pairs: Iterable[tuple[str, str]]) -> bytes:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        if name != "signature":
            values.setdefault(name, []).append(value)
    return "".join(sorted(f"{name}={','.join(each)}" for name, each in values.items())).encode()


def _visit(fields: Mapping[str, str], signature: str, now: datetime) -> Visit:
    stamp, shop = fields.get("timestamp", ""), sanitised_shop(fields.get("shop"))
    if not re.fullmatch(r"[0-9]{1,12}", stamp) or abs(now.timestamp() - int(stamp)) > FRESH:
        raise Forged("the signature is not of this hour")
    if shop is None:
        raise Forged("the signature names no shop")
    if not _NUMBER_ONCE.fullmatch(fields.get("n", "")):
        raise Forged("the query lacks its number, which is used once")
    customer = fields.get("logged_in_customer_id", "")
    return Visit(shop, signature, customer if _ID.fullmatch(customer) else None)


def read_contact(body: bytes, visit: Visit, now: datetime) -> tuple[Seen, ...]:
    """What the shopper of this visit left in the box. Raises `Unreadable`."""
    return seen_in(read_box(body), visit, now)


def read_box(body: bytes) -> Box:
    """The fields of the box, from a form or from JSON. Raises `Unreadable`.

    `asks[order_news]`, … and `marketing` are there when ticked; their value is what the
    shopper read beside the tick, as the browser tells it. Titles and prices are never taken
    from here: they come from the shop's own news.
    """
    if len(body) > LONGEST_BODY:
        raise Unreadable("a box longer than any form")
    fields = _fields(body)
    phone = _field(fields, "phone", 60)
    if phone is None:
        raise Unreadable("a box without a phone")
    asks = {kind: _words(fields, f"asks[{kind.value}]") for kind in RequestKind}
    return Box(
        phone=phone,
        asks={kind: words for kind, words in asks.items() if words},
        marketing=_words(fields, "marketing"),
        country=_matching(fields, "country", _COUNTRY),
        locale=_matching(fields, "locale", _LOCALE),
        cart_token=bare_token(_matching(fields, "cart", _TOKEN)),
        product_key=_matching(fields, "product", _ID),
        variant_key=_matching(fields, "variant", _ID),
    )


def seen_in(box: Box, visit: Visit, now: datetime) -> tuple[Seen, ...]:
    """The box in our model; empty when nothing that was ticked can be done.

    The phone goes to the cart only when the shopper asked for what a cart's reminder is:
    to keep it, or to hear of the shop. Somebody who waits for a parcel did not.
    """
    key = cart_key(box.cart_token) if box.cart_token else None
    shopper = _shopper(box, visit, now)
    requests = tuple(
        _request(kind, words, box, visit, now)
        for kind, words in box.asks.items()
        if _can_be_done(kind, box)
    )
    if key and (box.marketing or RequestKind.KEEP_CART in box.asks):
        return (ContactSeen((key,), shopper, now), *requests)
    if box.marketing:
        return (CustomerSeen(shopper, now), *requests)
    return requests


def _can_be_done(kind: RequestKind, box: Box) -> bool:
    if kind is RequestKind.KEEP_CART:
        return box.cart_token is not None
    return kind not in _WATCHES or box.product_key is not None


def _shopper(box: Box, visit: Visit, now: datetime) -> Shopper:
    where = (box.locale, visit.page, visit.ip)
    yes = Consent(Channel.SMS, box.phone, True, SOURCE, now, box.marketing or "", *where)
    return Shopper(
        customer_key=visit.customer_key,
        phone=box.phone,
        country=box.country,
        locale=box.locale,
        consents=(yes,) if box.marketing else (),
    )


def _request(kind: RequestKind, words: str, box: Box, visit: Visit, now: datetime) -> TextRequest:
    watches = kind in _WATCHES
    return TextRequest(
        kind=kind,
        phone=box.phone,
        at=now,
        words=words,
        source=SOURCE,
        country=box.country,
        locale=box.locale,
        cart_key=cart_key(box.cart_token) if box.cart_token and not watches else None,
        customer_key=visit.customer_key,
        product_key=box.product_key if watches else None,
        variant_key=box.variant_key if watches else None,
    )


def _fields(body: bytes) -> dict[str, Any]:
    if body.lstrip()[:1] == b"{":
        fields, _ = read_json(body)
        asks = fields.pop("asks", None)
        inner = asks if isinstance(asks, dict) else {}
        return fields | {f"asks[{name}]": words for name, words in inner.items()}
    try:
        pairs = parse_qsl(body.decode(), max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Unreadable("a box that is neither a form nor JSON") from error
    return dict(pairs)


def _field(fields: Mapping[str, Any], name: str, longest: int) -> str | None:
    found = text(fields.get(name))
    if found is not None and len(found) > longest:
        raise Unreadable(f"a field of the box is too long: {name}")
    return found


def _words(fields: Mapping[str, Any], name: str) -> str | None:
    found = _field(fields, name, _LONGEST_WORDS)
    return AS_TOLD + found if found else None


def _matching(fields: Mapping[str, Any], name: str, shape: re.Pattern[str]) -> str | None:
    """The field when it is what it should be; something else is as good as nothing."""
    found = fields.get(name)
    return found if isinstance(found, str) and shape.fullmatch(found) else None
