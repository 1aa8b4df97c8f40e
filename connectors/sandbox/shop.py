"""The sandbox shop as a platform: signed webhooks, a list of changes, coupons, a way back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

from connectors.protocols import (
    ODD,
    Connection,
    Headers,
    NoAnswer,
    Refused,
    Unreadable,
    Url,
    header,
    what_is_odd,
)
from connectors.sandbox import signing
from connectors.sandbox.wire import Line as Wire
from connectors.sandbox.wire import fields, load_json, moment, word, word_or_none
from recovery.model import (
    Cart,
    CartGone,
    Channel,
    Consent,
    Coupon,
    Line,
    Money,
    Offer,
    Order,
    Page,
    RowKind,
    Seen,
    Shopper,
    Totals,
    UnreadRow,
)

# An order is listed in the moment it is placed; the second covers the rounding of clocks.
LISTING_LAG = timedelta(seconds=1)
CONSENT_SOURCE = "sandbox checkout"
KEY_PREFIX = "cart:"
#: A box of the checkout: its name, of what it speaks there, our channel.
BOXES = (
    ("sms_consent", "phone", Channel.SMS),
    ("email_consent", "email", Channel.EMAIL),
)


class SandboxShop:
    """One sandbox shop, at the address of its service."""

    def __init__(self, connection: Connection) -> None:
        self._base = connection.address.rstrip("/")
        self._secret = connection.credentials.get("secret", "")
        self._wire = Wire(connection)

    def verify(self, headers: Headers, body: bytes) -> None:
        """Raise `Forged` unless the sandbox signed `body`."""
        signing.check(self._secret, headers, body)

    def read(self, headers: Headers, body: bytes, now: datetime) -> tuple[Seen, ...]:
        """A checkout, its end, or an order; empty for another topic. Raises `Unreadable`."""
        topic = header(headers, signing.TOPIC) or ""
        if topic not in READERS:
            return ()
        payload = fields(load_json(body), "the webhook")
        return (self._placed(READERS[topic](payload, "webhook")),)

    def changed_since(self, cursor: str | None, now: datetime) -> Iterator[Page]:
        """Orders and checkouts that changed, in the order of their change, in pages of 50.

        The last page tells `orders_known_until`: `now` less one second, because this
        platform lists an order in the moment it is placed. Raises `Busy`,
        `AccountStopped`, `NoAnswer`, `Unreadable`.
        """
        more = True
        while more:
            page, more = self._page(cursor, now)
            cursor = page.cursor
            yield page

    def _page(self, cursor: str | None, now: datetime) -> tuple[Page, bool]:
        try:
            found = self._wire.get("/api/changes", {"since": cursor or ""})
        except Refused as error:
            raise Unreadable("the sandbox does not know this cursor") from error
        answer = fields(found, "the list of changes")
        more = answer.get("more") is True
        seen: list[Seen] = []
        unread: list[UnreadRow] = []
        for each in _list(answer, "changes"):
            try:
                seen.append(self._placed(_changed(each)))
            except ODD as error:
                unread.append(_unread_change(each, what_is_odd(error)))
        known_until = None if more else now - LISTING_LAG
        return Page(tuple(seen), word(answer, "cursor"), known_until, None, tuple(unread)), more

    def _placed(self, seen: Seen) -> Seen:
        """A cart whose way back lies at the address we know, whatever the payload claims."""
        return replace(seen, way_back=self.way_back(seen, None)) if isinstance(seen, Cart) else seen

    def create_coupon(self, offer: Offer) -> Coupon:
        """Make a discount code and read it back; the same offer again gives the same coupon.

        Raises `Refused` (the code exists with other terms, or cannot be made as asked), `Busy`,
        `AccountStopped`, `NoAnswer`.
        """
        if offer.customer_key is not None and offer.email is None:
            raise Refused("the sandbox knows its shoppers by their e-mails alone")
        asked = _terms(offer)
        answer = self._wire.post("/api/coupons", asked)
        try:
            made = fields(answer, "the coupon")
            coupon = Coupon(word(made, "code"), word(made, "key"), moment(made.get("ends_at")))
            terms = fields(made.get("terms"), "the terms of the coupon")
        except Unreadable as error:
            raise NoAnswer("the sandbox made a coupon that cannot be read") from error
        if any(sorted(terms.get(name) or ()) != asked[name] for name in ("products", "left_out")):
            self.remove_coupon(coupon.key)
            raise Refused("the sandbox made the coupon for other products than asked")
        return coupon

    def remove_coupon(self, coupon_key: str) -> None:
        """See `connectors.protocols.RemovesCoupons`."""
        self._wire.delete(f"/api/coupons/{quote(coupon_key, safe='')}")

    def code_works(self, code: str, now: datetime) -> bool:
        """See `connectors.protocols.ReadsCodes`."""
        answer = fields(self._wire.get("/api/coupons", {"code": code}), "the coupons")
        found = [fields(each, "a coupon") for each in _list(answer, "coupons")]
        return any(moment(each.get("ends_at")) > now and not each.get("used") for each in found)

    def way_back(self, cart: Cart, coupon: Coupon | None) -> Url | None:
        """The address that fills the cart again in any browser, with the coupon applied."""
        key = cart.key.removeprefix(KEY_PREFIX)
        address = f"{self._base}/cart/{quote(key, safe='')}/recover"
        return f"{address}?code={quote(coupon.code, safe='')}" if coupon else address

    def keep_subscriptions(self, hooks_url: str) -> int:
        """Nothing to mend: the service is told our address when it starts."""
        return 0


def cart_from_checkout(payload: Mapping[str, Any], sees: str) -> Cart:
    """A cart from the shop's form of a checkout. Raises `Unreadable`."""
    completed = payload.get("completed_at")
    return Cart(
        key=_cart_key(payload, "key"),
        currency=word(payload, "currency"),
        totals=_totals(payload),
        lines=_lines(payload),
        shopper=_shopper(payload),
        created_at=moment(payload.get("created_at")),
        changed_at=moment(payload.get("changed_at")),
        sees=sees,
        discount_codes=_codes(payload),
        locale=word_or_none(payload, "language"),
        platform_state="completed" if completed else "open",
        completed_at=moment(completed) if completed else None,
        user_agent=word_or_none(payload, "user_agent"),
        raw=_raw(payload),
    )


def order_from_order(payload: Mapping[str, Any], sees: str) -> Order:
    """An order, closing the cart it came from. Raises `Unreadable`."""
    cancelled = payload.get("cancelled_at")
    return Order(
        key=word(payload, "key"),
        currency=word(payload, "currency"),
        totals=_totals(payload),
        lines=_lines(payload),
        shopper=_shopper(payload),
        placed_at=moment(payload.get("placed_at")),
        changed_at=moment(payload.get("changed_at")),
        name=word_or_none(payload, "number"),
        cart_keys=(_cart_key(payload, "cart"),),
        discount_codes=_codes(payload),
        platform_state="cancelled" if cancelled else "placed",
        paid=payload.get("paid") is True,
        cancelled_at=moment(cancelled) if cancelled else None,
        raw=_raw(payload),
    )


def cart_gone(payload: Mapping[str, Any], sees: str) -> CartGone:
    """A checkout that its shopper emptied. Raises `Unreadable`."""
    return CartGone(keys=(_cart_key(payload, "key"),), at=moment(payload.get("deleted_at")))


READERS: Mapping[str, Callable[[Mapping[str, Any], str], Seen]] = {
    "checkouts/update": cart_from_checkout,
    "checkouts/delete": cart_gone,
    "orders/create": order_from_order,
    "orders/cancelled": order_from_order,
}
KINDS: Mapping[str, Callable[[Mapping[str, Any], str], Seen]] = {
    "checkout": cart_from_checkout,
    "gone": cart_gone,
    "order": order_from_order,
}


def _changed(change: object) -> Seen:
    part = fields(change, "a change")
    kind = word(part, "kind")
    if kind not in KINDS:
        raise Unreadable("a kind of change that we have no reader for")
    return KINDS[kind](fields(part.get("content"), "a change"), "poll")


def read_row(kind: RowKind, body: bytes) -> tuple[Seen, ...]:
    """Read a change again that was given as unread. Raises `Unreadable`."""
    content = fields(load_json(body), "a change")
    if kind is RowKind.ORDER:
        return (order_from_order(content, "poll"),)
    return ((cart_gone if "deleted_at" in content else cart_from_checkout)(content, "poll"),)


def _unread_change(change: Any, error: str) -> UnreadRow:
    """A change that cannot be read, with what of it is legible. In doubt it is an order."""
    part = change if isinstance(change, dict) else {}
    told = part.get("content")
    content = told if isinstance(told, dict) else {}
    body = json.dumps(content or change, default=str).encode()
    key, cart = _or_none(word, content, "key"), _or_none(_cart_key, content, "cart")
    if part.get("kind") in ("checkout", "gone"):
        return UnreadRow(RowKind.CHECKOUT, body, error, key and KEY_PREFIX + key)
    placed_at = _or_none(lambda held, name: moment(held[name]), content, "placed_at")
    cart_keys = (cart,) if cart else ()
    return UnreadRow(RowKind.ORDER, body, error, key, _legible(content), cart_keys, placed_at)


def _legible(content: Mapping[str, Any]) -> Shopper | None:
    """Who it is of: as usual, else the e-mail and the phone, if they can be read."""
    with suppress(*ODD):
        return _shopper(content)
    contact = content.get("contact")
    if not isinstance(contact, dict):
        return None
    email, phone = (_or_none(word_or_none, contact, name) for name in ("email", "phone"))
    country = _or_none(word_or_none, content, "country")
    return Shopper(email=email, phone=phone, country=country) if email or phone else None


def _or_none(
    read: Callable[[Mapping[str, Any], str], str | datetime | None],
    part: Mapping[str, Any],
    name: str,
) -> Any:
    with suppress(*ODD):
        return read(part, name)
    return None


def _cart_key(payload: Mapping[str, Any], name: str) -> str:
    return KEY_PREFIX + word(payload, name)


def _shopper(payload: Mapping[str, Any]) -> Shopper:
    contact = fields(payload.get("contact"), "contact")
    return Shopper(
        first_name=word_or_none(contact, "first_name"),
        last_name=word_or_none(contact, "last_name"),
        email=word_or_none(contact, "email"),
        phone=word_or_none(contact, "phone"),
        country=word_or_none(payload, "country"),
        locale=word_or_none(payload, "language"),
        consents=tuple(each for box in BOXES for each in _consents(payload, box)),
    )


def _consents(payload: Mapping[str, Any], asked: tuple[str, str, Channel]) -> tuple[Consent, ...]:
    """What that box says; nothing as long as nobody touched it."""
    name, of, channel = asked
    if payload.get(name) is None:
        return ()
    box = fields(payload[name], name)
    if not isinstance(box.get("granted"), bool):
        raise Unreadable(f"{name} says neither yes nor no")
    address, words, at = word(box, of), word(box, "words"), moment(box.get("at"))
    language = word_or_none(payload, "language")
    return (Consent(channel, address, box["granted"], CONSENT_SOURCE, at, words, language),)


def _lines(payload: Mapping[str, Any]) -> tuple[Line, ...]:
    return tuple(_line(fields(each, "a line")) for each in _list(payload, "lines"))


def _line(part: Mapping[str, Any]) -> Line:
    quantity = part.get("quantity")
    if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 1:
        raise Unreadable("a line without a quantity")
    return Line(
        title=word(part, "title"),
        quantity=quantity,
        unit_price=_amount(part, "unit_price"),
        total=_amount(part, "total"),
        product_key=word_or_none(part, "product"),
        image=word_or_none(part, "image"),
        address=word_or_none(part, "address"),
        sku=word_or_none(part, "sku"),
    )


def _totals(payload: Mapping[str, Any]) -> Totals:
    return Totals(
        total=_amount(payload, "total"),
        subtotal=_amount(payload, "subtotal"),
        discounts=_amount(payload, "discount"),
        shipping=_amount(payload, "shipping"),
    )


def _amount(part: Mapping[str, Any], name: str) -> Decimal:
    try:
        amount = Decimal(word(part, name))
    except InvalidOperation as error:
        raise Unreadable(f"{name} is not an amount") from error
    if not amount.is_finite():
        raise Unreadable(f"{name} is not an amount")
    return amount


def _codes(payload: Mapping[str, Any]) -> tuple[str, ...]:
    codes = _list(payload, "discount_codes")
    if not all(isinstance(code, str) for code in codes):
        raise Unreadable("a discount code is not text")
    return tuple(codes)


def _list(part: Mapping[str, Any], name: str) -> list[Any]:
    value = part.get(name)
    if not isinstance(value, list):
        raise Unreadable(f"{name} is not a list")
    return value


def _raw(payload: Mapping[str, Any]) -> str:
    return json.dumps(payload, default=str)


def _terms(offer: Offer) -> dict[str, object]:
    return {
        "code": offer.code,
        "ends_at": offer.ends_at.astimezone(UTC).isoformat(),
        "percent": str(offer.percent) if offer.percent is not None else None,
        "amount": _money(offer.amount),
        "free_shipping": offer.free_shipping,
        "minimum_total": _money(offer.minimum_total),
        "email": offer.email,
        "products": sorted(set(offer.product_keys)),
        "left_out": sorted(set(offer.excluded_product_keys)),
    }


def _money(money: Money | None) -> dict[str, str] | None:
    return {"amount": str(money.amount), "currency": money.currency} if money else None
