"""WooCommerce keeps the contract of every shop connector."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

from connectors.protocols import Connection, Shop
from connectors.woocommerce import WooCommerceShop
from tests.connectors.shop_contract import NOW, ShopContract, Wanted

TOPICS = {
    "cart": "order.updated",
    "order": "order.created",
    "unknown": "action.woocommerce_add_to_cart",
}


class TestWooCommerceKeepsTheContract(ShopContract):
    def connection(self) -> Connection:
        return Connection("pots", "https://pots.example", {"webhook_secret": "tea"})

    def shop(self) -> Shop:
        return WooCommerceShop(self.connection())

    def sign(self, kind: str, body: bytes) -> dict[str, str]:
        made = base64.b64encode(hmac.new(b"tea", body, hashlib.sha256).digest()).decode()
        return {"X-WC-Webhook-Topic": TOPICS[kind], "X-WC-Webhook-Signature": made}

    def cart_body(self, wanted: Wanted) -> bytes:
        return written(wanted, status="pending", date_paid_gmt=None)

    def order_body(self, wanted: Wanted) -> bytes:
        paid = wanted.changed_at.strftime("%Y-%m-%dT%H:%M:%S")
        return written(wanted, status="processing", date_paid_gmt=paid)


def written(wanted: Wanted, **more: str | None) -> bytes:
    """An order as WooCommerce writes it: "" for what is missing, slashes escaped."""
    row = {
        "id": wanted.number,
        "currency": wanted.currency,
        "prices_include_tax": False,
        "total": wanted.total,
        "total_tax": "0",
        "discount_total": "0",
        "shipping_total": "0",
        "customer_id": 0,
        "created_via": "store-api",
        "number": str(wanted.number),
        "billing": {
            "first_name": wanted.first_name,
            "last_name": wanted.last_name,
            "email": wanted.email or "",
            "phone": wanted.phone or "",
            "country": wanted.country,
        },
        "line_items": [
            {
                "id": 1,
                "name": wanted.title,
                "product_id": wanted.product,
                "variation_id": 0,
                "quantity": wanted.quantity,
                "subtotal": wanted.total,
                "total": wanted.total,
                "image": {"id": "", "src": ""},
                "parent_name": None,
            }
        ],
        "date_created_gmt": NOW.strftime("%Y-%m-%dT11:00:00"),
        "date_modified_gmt": wanted.changed_at.strftime("%Y-%m-%dT%H:%M:%S"),
        **more,
    }
    return json.dumps(row, separators=(",", ":")).replace("/", "\\/").encode()
