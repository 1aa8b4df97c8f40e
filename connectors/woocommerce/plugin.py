"""The door of the WordPress plugin: carts that only something inside the shop can see.

The JSON form and how a request is signed are written in `docs/plugin-carts.md`.
A replay of a request inside its five minutes is harmless by itself, because a
snapshot that is not newer than ours changes nothing; the nonce is given back so
that the web can refuse it all the same.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from connectors.protocols import Forged, Headers, Unreadable, header
from connectors.woocommerce import fields
from connectors.woocommerce.fields import Row, parse_row, part, text, wanted, words
from connectors.woocommerce.plugin_fields import at, consent, flag, listed
from connectors.woocommerce.plugin_requests import parcel, text_request
from connectors.woocommerce.reading import A_CART_KEY, currency, each, web_address
from recovery.model import (
    ZERO,
    Cart,
    CartGone,
    CustomerSeen,
    Line,
    Seen,
    Shopper,
    Totals,
)

TIMESTAMP = "X-Relance-Timestamp"
NONCE = "X-Relance-Nonce"
SIGNATURE = "X-Relance-Signature"
CARTS, PRIVACY, GONE = "carts", "privacy", "gone"  # the doors that the plugin signs for
VERSION = 1
FRESH = timedelta(seconds=300)
LARGEST = 512 * 1024  # bytes
MOST_LINES = 250
MOST_CARTS = 50
MOST_REQUESTS = 50
MOST_PARCELS = 50
MOST_CONSENTS = 20
MOST_CODES = 20
SOURCE = "plugin"
A_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}\Z")


def signature(secret: str, timestamp: str, nonce: str, body: bytes, door: str = CARTS) -> str:
    """Hex HMAC-SHA256 of `timestamp.nonce.body`: what the plugin has to send.

    At every door but that of the carts its name stands before the body.
    """
    signed = f"{timestamp}.{nonce}.".encode() + _before_body(door) + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def verify_cart(
    headers: Headers, body: bytes, secret: str, now: datetime, door: str = CARTS
) -> str:
    """The nonce of a genuine request of the last five minutes, made for this door.

    Raises `Forged`.
    """
    timestamp, nonce = header(headers, TIMESTAMP) or "", header(headers, NONCE) or ""
    told = header(headers, SIGNATURE) or ""
    if not secret or not re.fullmatch("[0-9]{1,12}", timestamp) or not A_NONCE.match(nonce):
        raise Forged("the request is not signed as the plugin signs")
    if door == CARTS and body.startswith((_before_body(PRIVACY), _before_body(GONE))):
        raise Forged("the request was signed for another door")  # else both texts were alike
    made = signature(secret, timestamp, nonce, body, door)
    if not hmac.compare_digest(made.encode(), told.lower().encode("utf-8", "replace")):
        raise Forged("the request is not signed with this shop's plugin secret")
    if abs(now.timestamp() - int(timestamp)) > FRESH.total_seconds():
        raise Forged("the request is older or newer than five minutes: compare the clocks")
    return nonce


def _before_body(door: str) -> bytes:
    return b"" if door == CARTS else f"{door}.".encode()


def read_carts(body: bytes, now: datetime) -> tuple[Seen, ...]:
    """All that the plugin tells in one request. Raises `Unreadable` when any entry is.

    Unknown keys are passed over; wrong types, sizes and versions are not. No time
    lies after `now`: a shop whose clock is ahead must not outlive its own orders.
    """
    found = read_what_can_be(body, now)
    if found.error:
        raise Unreadable(found.error)
    return found.seen


@dataclass(frozen=True, slots=True)
class Found:
    """What could be read of a request; `left` is a request of the entries that could not."""

    seen: tuple[Seen, ...]
    left: bytes = b""
    error: str = ""


def read_what_can_be(body: bytes, now: datetime) -> Found:
    """Each entry by itself: one that cannot be read costs only itself.

    The plugin sends many shoppers' carts in one request, and whoever types an impossible
    one must not silence the others. Raises `Unreadable` when it is no form of ours at all.
    """
    if len(body) > LARGEST:
        raise Unreadable(f"more than {LARGEST} bytes")
    row = parse_row(body)
    if row.get("version") != VERSION:
        raise Unreadable("an unknown version of the form")
    seen: list[Seen] = []
    left: dict[str, list[Row]] = {}
    errors: list[str] = []
    for name, (most, read) in _LISTS.items():
        for entry in listed(row, name, most):
            try:
                seen.append(read(entry, now))
            except Unreadable as error:
                left.setdefault(name, []).append(entry)
                errors.append(str(error))
    if not errors:
        return Found(tuple(seen))
    rest = json.dumps({"version": VERSION, **left}, default=str).encode()
    return Found(tuple(seen), rest, "; ".join(dict.fromkeys(errors))[:500])


def cart_news(row: Row, now: datetime) -> Cart | CartGone:
    """One entry of `carts`: as it is, given up, or to be forgotten."""
    key = wanted(text(row, "key"), "key")
    if not A_CART_KEY.match(key):
        raise Unreadable("key: 8 to 64 letters, digits, - and _ were expected")
    forget = flag(row, "forget")
    if flag(row, "deleted") or forget:
        return CartGone((f"cart:{key}",), at(row, "changed_at", now), forget)
    order = fields.key(row, "order_id")
    contact = part(row, "contact")
    sums = part(row, "totals")
    return Cart(
        key=f"cart:{key}",
        currency=currency(row),
        totals=Totals(
            total=wanted(fields.amount(sums, "total"), "totals.total"),
            subtotal=fields.amount(sums, "subtotal"),
            discounts=fields.amount(sums, "discounts"),
            shipping=fields.amount(sums, "shipping"),
            tax=fields.amount(sums, "tax"),
        ),
        lines=tuple(line(one) for one in listed(row, "lines", MOST_LINES)),
        shopper=shopper(contact, row, now),
        created_at=at(row, "created_at", now),
        changed_at=at(row, "changed_at", now),
        sees=SOURCE,
        aliases=(f"order:{order}",) if order else (),
        discount_codes=codes(row),
        locale=text(row, "locale"),
        way_back=web_address(row, "restore_url"),
        user_agent=text(row, "user_agent"),
        client_address=text(row, "ip"),
        raw=json.dumps(row, default=str),
    )


def customer_news(row: Row, now: datetime) -> CustomerSeen:
    """One entry of `customers`: a consent given or taken back away from any cart."""
    person = shopper(part(row, "contact"), row, now, source="box")
    if not (person.customer_key or person.email or person.phone):
        raise Unreadable("customers: nobody is named")
    return CustomerSeen(person, at(row, "changed_at", now), json.dumps(row, default=str))


def codes(row: Row) -> tuple[str, ...]:
    """The coupon codes in the cart, in lower case as the shop keeps them."""
    found = row.get("coupons") or []
    if not isinstance(found, list) or not all(isinstance(code, str) for code in found):
        raise Unreadable("coupons: a list of texts was expected")
    if len(found) > MOST_CODES:
        raise Unreadable(f"coupons: more than {MOST_CODES}")
    written = (text({"coupon": code}, "coupon") for code in found)
    return tuple(code.lower() for code in written if code)


def shopper(contact: Row, row: Row, now: datetime, source: str = "checkout") -> Shopper:
    """The person, as far as they have typed themselves in; `source`: where they agreed."""
    country, language, ip = text(contact, "country"), text(row, "locale"), text(row, "ip")
    told = listed(row, "consents", MOST_CONSENTS)
    return Shopper(
        customer_key=fields.key(row, "customer_id"),
        first_name=text(contact, "first_name"),
        last_name=text(contact, "last_name"),
        email=text(contact, "email"),
        phone=text(contact, "phone"),
        country=country.upper() if country else None,
        region=text(contact, "state"),
        locale=language,
        consents=tuple(consent(one, now, source, language, ip) for one in told),
    )


def line(row: Row) -> Line:
    """One line; `unit_price` may be left out and is then the total's share."""
    quantity = wanted(fields.number(row, "quantity"), "quantity")
    if not 1 <= quantity <= 1_000_000:
        raise Unreadable("quantity: at least one was expected")
    total = wanted(fields.amount(row, "total"), "total")
    unit: Decimal | None = fields.amount(row, "unit_price")
    if total < ZERO or (unit is not None and unit < ZERO):
        raise Unreadable("a line costs nothing or more")
    return Line(
        title=words(row, "title") or "",
        quantity=quantity,
        unit_price=each(total, quantity) if unit is None else unit,
        total=total,
        product_key=fields.key(row, "product_id"),
        variant_key=fields.key(row, "variation_id"),
        variant_title=words(row, "variation"),
        image=web_address(row, "image"),
        address=web_address(row, "permalink"),
        sku=text(row, "sku"),
    )


_LISTS: dict[str, tuple[int, Callable[[Row, datetime], Seen]]] = {
    "carts": (MOST_CARTS, cart_news),
    "customers": (MOST_CARTS, customer_news),
    "requests": (MOST_REQUESTS, text_request),
    "parcels": (MOST_PARCELS, parcel),
}
