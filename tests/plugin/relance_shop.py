"""A real shop with the plugin in it, connected with a small real service on loopback."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from in_shop.wordpress import pack
from tests.plugin.receiver import SECRET, SHOP_KEY, Receiver
from tests.plugin.visitor import Visitor
from tests.standins.wordpress import needs
from tests.standins.wordpress.merchant import Product
from tests.standins.wordpress.shop import Shop

ASIDE = Path(__file__).parent / "aside"
PLUGIN = "relance/relance.php"
BOTH: dict[str, Any] = {"channels": ["sms", "email"]}
BOTH = {"channels": ["sms", "email"]}  # the merchant added the box for e-mail
_ANEW = """
global $wpdb;
foreach ( array( 'relance_carts', 'relance_requests', 'woocommerce_sessions', 'actionscheduler_actions' ) as $table ) {
    $wpdb->query( "DELETE FROM {$wpdb->prefix}$table" );
}
$gone = array( 'relance_link', 'relance_outbox', 'relance_settings', 'relance_address', 'aside_time_out', 'aside_renewal', 'WPLANG',
    'standin_drafts', 'woocommerce_calc_taxes', 'woocommerce_prices_include_tax' );
array_map( 'delete_option', $gone );
update_option( 'woocommerce_currency', 'EUR' );
update_option( 'woocommerce_price_num_decimals', 2 );
update_option( 'relance_settings', $settings );
if ( $link ) {
    Relance_Address::keep();
    update_option( 'relance_link', $link, false );
}
foreach ( $stock as $id => $price ) {
    $product = wc_get_product( $id );
    if ( $price !== $product->get_regular_price() || 50 !== (int) $product->get_stock_quantity() ) {
        $product->set_regular_price( $price );
        $product->set_manage_stock( true );
        $product->set_stock_quantity( 50 );
        $product->save();
    }
}
return true;
"""  # noqa: E501


class RelanceShop(Shop):
    """A shop with the plugin, two products and a service."""

    receiver: Receiver
    shirt: Product
    mug: Product

    def begin(self, settings: dict[str, Any] | None = None, *, paired: bool = True) -> None:
        """Empty and connected, with these settings of the merchant's."""
        self.receiver.begin()
        link = {"endpoint": self.receiver.address, "shop": SHOP_KEY, "secret": SECRET}
        stock = {self.shirt.id: "25.00"} | dict.fromkeys(self.mug.variations, "12.00")
        self.run(
            _ANEW,
            settings=BOTH | (settings or {}),
            link=link | {"name": "Nord", "paired_at": "2026-11-20 12:41:00.123"} if paired else [],
            stock=stock,
        )

    def run(self, code: str, /, **given: Any) -> Any:
        """PHP inside the shop, with these variables; what it returns."""
        told = "".join(
            f"${name} = json_decode( {php_text(json.dumps(value))}, true );\n"
            for name, value in given.items()
        )
        return self.php(told + code)

    def choose(self, **settings: Any) -> None:
        """The merchant's settings from now on."""
        self.set_options(relance_settings=BOTH | settings)

    def visitor(self, product: Product | None = None, quantity: int = 1) -> Visitor:
        """Somebody new; with this in the cart when told."""
        visitor = Visitor(self)
        if product:
            visitor.put(product.id, quantity)
        return visitor

    def carts(self) -> list[dict[str, Any]]:
        """The plugin's rows with their JSON read, the oldest first."""
        rows = sorted(self.rows("relance_carts") or [], key=lambda row: row["created_at"])
        return [_read(row) for row in rows]

    def cart(self) -> dict[str, Any]:
        """The one row there is."""
        (row,) = self.carts()
        return row

    def somebody(self, role: str) -> str:
        """The login of a person in that role, made on first need."""
        login = "admin" if role == "administrator" else role.replace("_", "-")
        if not self.run("return username_exists( $login );", login=login):
            self.add_user(login, role)
        return login

    def coupon(self, code: str, **more: Any) -> None:
        """A coupon, made on first need."""
        if not self.run("return ( new WC_Coupon( $code ) )->get_id();", code=code):
            self.add_coupon(code, **more)

    def send(self) -> None:
        """What waits leaves now, as when its minute came."""
        self.run_cron(early=True, hook="relance_send")

    def state(self) -> dict[str, Any]:
        """How the outbox stands."""
        found: dict[str, Any] = self.php("return Relance_Outbox::state();")
        return found


def php_text(text: str) -> str:
    """A text as PHP writes it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _read(row: dict[str, Any]) -> dict[str, Any]:
    lists = {name: json.loads(row[name]) for name in ("contact", "consents", "snapshot")}
    numbers = {
        name: int(row[name])
        for name in ("customer_id", "order_id", "deleted", "forget", "waiting", "attempts")
    }
    return row | lists | numbers


@dataclass
class Running:
    """A shop and its service, to be ended together."""

    shop: RelanceShop

    @classmethod
    def start(cls, wordpress: str = needs.WORDPRESS) -> Running:
        """Fails with what to install where something is missing."""
        try:
            shop = RelanceShop.start(pack.PLUGIN, wordpress=wordpress)
        except needs.Missing as problem:
            pytest.fail(str(problem), pytrace=False)
        assert isinstance(shop, RelanceShop)
        shop.receiver = Receiver()
        shop.add_plugin(ASIDE)
        shop.shirt = shop.add_product("T-shirt", "25.00", stock=50, sku="shirt-1")
        sizes = [{"attributes": {"Size": one}, "price": "12.00"} for one in ("Small", "Large")]
        shop.mug = shop.add_variable("Mug", {"Size": ["Small", "Large"]}, sizes)
        return cls(shop)

    def end(self) -> None:
        """The shop first: it may be talking."""
        self.shop.stop()
        self.shop.receiver.close()
