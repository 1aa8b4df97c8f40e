"""One WooCommerce shop: `connectors.protocols.Shop`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from connectors.protocols import Connection, Forged, Headers, Past, Unreadable, Watched, header
from connectors.woocommerce import (
    consents,
    coupons,
    history,
    polling,
    products,
    reading,
    subscriptions,
)
from connectors.woocommerce.client import Rest
from connectors.woocommerce.fields import Row, parse_row, text
from connectors.woocommerce.install import shop_news
from recovery.model import Cart, Channel, Coupon, Offer, Page, Product, Seen, ShopNews

SIGNATURE = "X-WC-Webhook-Signature"
TOPIC = "X-WC-Webhook-Topic"
SOURCE = "webhook"
NO_LONGER_PAYABLE = frozenset({"cancelled", "checkout-draft"})


def is_ping(headers: Headers, body: bytes) -> bool:
    """Is this the `webhook_id=7` that a new webhook sends, unsigned? Answer 200, change nothing."""
    if any(name.lower().startswith("x-wc-") for name in headers):
        return False
    return re.fullmatch(rb"webhook_id=\d{1,20}", body) is not None


class WooCommerceShop:
    """Credentials: `consumer_key`, `consumer_secret`, `webhook_secret`, `plugin_secret`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.rest = Rest(connection)

    def verify(self, headers: Headers, body: bytes) -> None:
        """Raise `Forged` unless `body` was signed with this shop's webhook secret."""
        secret = self.connection.credentials.get("webhook_secret", "")
        told = header(headers, SIGNATURE) or ""
        made = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
        # An empty secret would let in whoever signs with nothing.
        if not secret or not hmac.compare_digest(made, told.encode("utf-8", "replace")):
            raise Forged("the webhook is not signed with this shop's secret")

    def read(self, headers: Headers, body: bytes, now: datetime) -> tuple[Seen, ...]:
        """Turn a verified webhook into our model. Raises `Unreadable`.

        The body is the state at delivery, not at the event: the topic says only
        what sort of thing it is, the row itself decides what it means.
        """
        topic = header(headers, TOPIC)
        if topic is None:
            raise Unreadable("no topic is told")
        resource, _, event = topic.strip().lower().partition(".")
        if resource not in ("order", "customer", "product"):
            return ()
        row = parse_row(body)
        if names_an_error(row):
            return ()
        return self._news(resource, event, row, body.decode("utf-8-sig"), now)

    def _news(
        self, resource: str, event: str, row: Row, raw: str, now: datetime
    ) -> tuple[Seen, ...]:
        if resource == "order":
            gone = event == "deleted"
            return reading.order_gone(row) if gone else reading.order_news(row, raw, SOURCE)
        if resource == "product":
            gone = event == "deleted"
            return (reading.product_gone(row, now) if gone else reading.product_from(row, raw),)
        return () if event == "deleted" else (reading.customer_from(row, raw),)

    def changed_since(self, cursor: str | None, now: datetime) -> Iterator[Page]:
        """Orders and drafts that changed; also wakes the shop's own queue of webhooks."""
        return polling.changed_since(self.rest, cursor, now)

    def past(
        self, what: Past, since: datetime, until: datetime, cursor: str | None, now: datetime
    ) -> Iterator[Page]:
        """See `connectors.protocols.ShowsPast`."""
        return history.past(self.rest, what, since, until, cursor, now)

    def how_many(self, what: Past, since: datetime, until: datetime) -> int | None:
        """See `connectors.protocols.ShowsPast`."""
        return history.how_many(self.rest, what, since, until)

    def products(self, watched: Sequence[Watched]) -> Iterator[tuple[Product, ...]]:
        """See `connectors.protocols.ShowsProducts`."""
        return products.shown(self.rest, watched)

    def create_coupon(self, offer: Offer) -> Coupon:
        """Make a discount code and read it back. Raises `Refused`, `Busy`, `NoAnswer`."""
        return coupons.create_coupon(self.rest, offer)

    def code_works(self, code: str, now: datetime) -> bool:
        """See `connectors.protocols.ReadsCodes`."""
        return coupons.code_works(self.rest, code, now)

    def remove_coupon(self, coupon_key: str) -> None:
        """See `connectors.protocols.RemovesCoupons`."""
        coupons.remove_coupon(self.rest, coupon_key)

    def write_consent(
        self, customer_key: str, channel: Channel, granted: bool, at: datetime
    ) -> None:
        """See `connectors.protocols.WritesConsents`; a customer's metadata holds it."""
        consents.write_consent(self.rest, customer_key, channel, granted, at)

    def way_back(self, cart: Cart, coupon: Coupon | None) -> str | None:
        """The cart's own way back; the plugin's takes the coupon along.

        `payment_url` stays as it is: it opens an order whose coupons are settled.
        None once that order can no longer be paid.
        """
        if cart.way_back is None:
            return None
        parts = urlsplit(cart.way_back)
        if "pay_for_order" in parse_qs(parts.query):
            return None if cart.platform_state in NO_LONGER_PAYABLE else cart.way_back
        if coupon is None:
            return cart.way_back
        query = "&".join(filter(None, (parts.query, urlencode({"relance_coupon": coupon.code}))))
        return urlunsplit(parts._replace(query=query))

    def keep_subscriptions(self, hooks_url: str) -> int:
        """Make or revive the shop's webhooks to `hooks_url`. How many were mended."""
        secret = self.connection.credentials["webhook_secret"]
        return subscriptions.keep_subscriptions(self.rest, hooks_url, secret)

    def end_subscriptions(self, hooks_url: str) -> int:
        """See `connectors.protocols.EndsSubscriptions`."""
        return subscriptions.end_subscriptions(self.rest, hooks_url)

    def shop_news(self) -> ShopNews:
        """The shop's name, currency, country and time zone. Raises like a poll."""
        return shop_news(self.rest)


def names_an_error(row: Row) -> bool:
    """Did the shop deliver an error in place of a thing that was gone by then?

    Raises `Unreadable` when it was for want of rights: the webhook's owner lost them.
    """
    code = row.get("code")
    if "id" in row or not isinstance(code, str):
        return False
    if code.endswith("_invalid_id"):
        return True
    raise Unreadable(f"the shop delivered an error: {text(row, 'code')!r:.80}")
