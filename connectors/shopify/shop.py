"""One Shopify shop: every door of `connectors.protocols.Shop` in one place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import urlencode, urlsplit, urlunsplit

from connectors.protocols import Connection, Forged, Headers, Past, Url, Watched, header
from connectors.shopify import coupons, documents, history, polling, products, subscriptions
from connectors.shopify.admin import Admin
from connectors.shopify.browser_carts import CART_SIGHT, permalink
from connectors.shopify.reading import part, parts, text
from connectors.shopify.signing import SHOP_DOMAIN, shop_of, verify_webhook
from connectors.shopify.topics import read_webhook
from recovery.model import Cart, Channel, Coupon, Offer, Page, Product, Seen, ShopNews


class ShopifyShop:
    """`connectors.protocols.Shop` for Shopify."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @cached_property
    def admin(self) -> Admin:
        """The line to the shop, opened when first needed: reading a webhook needs none."""
        return Admin(self.connection)

    def close(self) -> None:
        """Close the line to the shop; the object may be used again."""
        if "admin" in self.__dict__:
            self.__dict__.pop("admin").close()

    def verify(self, headers: Headers, body: bytes) -> None:
        """See `connectors.protocols.Shop.verify`. A webhook that names another shop is forged."""
        options = self.connection.options
        secrets = (options.get("api_secret", ""), options.get("api_secret_previous", ""))
        verify_webhook(headers, body, secrets)
        if header(headers, SHOP_DOMAIN) and shop_of(headers) != self.connection.address.lower():
            raise Forged("the webhook is about another shop")

    def read(self, headers: Headers, body: bytes, now: datetime) -> tuple[Seen, ...]:
        """See `connectors.protocols.Shop.read`."""
        return tuple(map(self._at_this_shop, read_webhook(headers, body, now)))

    def _at_this_shop(self, seen: Seen) -> Seen:
        """The payload tells paths; a browser needs the shop's address before them."""
        if type(seen) is Cart and seen.way_back is None and seen.sees == CART_SIGHT:
            return replace(seen, way_back=self.way_back(seen, None))
        if type(seen) is Product and seen.address:
            return replace(seen, address=f"https://{self.connection.address}{seen.address}")
        return seen

    def changed_since(self, cursor: str | None, now: datetime) -> Iterator[Page]:
        """See `connectors.protocols.Shop.changed_since`, and `polling` for the cursor."""
        return polling.changed_since(self.admin, cursor, now)

    def past(
        self, what: Past, since: datetime, until: datetime, cursor: str | None, now: datetime
    ) -> Iterator[Page]:
        """See `connectors.protocols.ShowsPast`."""
        return history.past(self.admin, what, since, until, cursor, now)

    def how_many(self, what: Past, since: datetime, until: datetime) -> int | None:
        """See `connectors.protocols.ShowsPast`."""
        return history.how_many(self.admin, what, since, until)

    def products(self, watched: Sequence[Watched]) -> Iterator[tuple[Product, ...]]:
        """See `connectors.protocols.ShowsProducts`."""
        for some in products.shown(self.admin, watched):
            yield tuple(each for each in map(self._at_this_shop, some) if type(each) is Product)

    def create_coupon(self, offer: Offer) -> Coupon:
        """See `connectors.protocols.Shop.create_coupon`."""
        return coupons.create_coupon(self.admin, offer)

    def remove_coupon(self, coupon_key: str) -> None:
        """See `connectors.protocols.RemovesCoupons`."""
        coupons.remove_coupon(self.admin, coupon_key)

    def code_works(self, code: str, now: datetime) -> bool:
        """See `connectors.protocols.ReadsCodes`; Shopify goes by its own clock."""
        return coupons.code_works(self.admin, code)

    def way_back(self, cart: Cart, coupon: Coupon | None) -> Url | None:
        """The recovery address, which refills the checkout on any device.

        A browser's cart without a checkout has none: there it is Shopify's cart
        permalink, which fills a new cart with the same variants and logs nobody in.

        With a coupon, `discount=CODE` is added to its query. Apps do so widely and
        Shopify's help says that a link can apply a code, but no page of Shopify's
        documents the parameter: so the text shows the code as well.
        """
        whole = cart.way_back
        if whole is None and cart.sees == CART_SIGHT:
            whole = permalink(self.connection.address, cart.lines)
        if whole is None or coupon is None:
            return whole
        address = urlsplit(whole)
        code = urlencode({"discount": coupon.code})
        query = f"{address.query}&{code}" if address.query else code
        return urlunsplit(address._replace(query=query))

    def keep_subscriptions(self, hooks_url: str) -> int:
        """See `connectors.protocols.Shop.keep_subscriptions`."""
        return subscriptions.keep_subscriptions(self.admin, hooks_url)

    def end_subscriptions(self, hooks_url: str) -> int:
        """See `connectors.protocols.EndsSubscriptions`."""
        return subscriptions.end_subscriptions(self.admin, hooks_url)

    def shop_news(self) -> ShopNews:
        """The shop's name, currency, country, time zone and what we may do there.

        Raises `Busy`, `AccountStopped`, `Unreadable`.
        """
        data = self.admin.ask(documents.SHOP, {}, 120.0).data
        shop = part(data.get("shop"))
        hosts = parts(shop.get("domains"))
        scopes = parts(part(data.get("currentAppInstallation")).get("accessScopes"))
        return ShopNews(
            name=text(shop.get("name")),
            currency=text(shop.get("currencyCode")),
            country=text(part(shop.get("shopAddress")).get("countryCodeV2")),
            timezone=text(shop.get("ianaTimezone")),
            scopes=tuple(name for name in (text(each.get("handle")) for each in scopes) if name),
            domains=tuple(host for host in (text(each.get("host")) for each in hosts) if host),
        )

    def write_consent(
        self, customer_key: str, channel: Channel, granted: bool, at: datetime
    ) -> None:
        """See `connectors.protocols.WritesConsents`; a customer needs a phone, or an e-mail."""
        consent = {
            "marketingState": "SUBSCRIBED" if granted else "UNSUBSCRIBED",
            "consentUpdatedAt": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        if granted:
            consent["marketingOptInLevel"] = "SINGLE_OPT_IN"
        is_text = channel is Channel.SMS
        document = documents.STOP_TEXTS if is_text else documents.TELL_OF_E_MAILS
        name = "smsMarketingConsent" if is_text else "emailMarketingConsent"
        customer = f"gid://shopify/Customer/{customer_key}"
        told = self.admin.change(document, {"input": {"customerId": customer, name: consent}})
        root = f"customer{'Sms' if is_text else 'Email'}MarketingConsentUpdate"
        coupons.refuse_user_errors(part(told.get(root)))
