"""The shop's rows as WooCommerce writes them in JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.standins.woocommerce.shop import Row, StandInShop


def bare(amount: Decimal) -> int | float:
    """A line's `price` is a JSON number: 25, not "25.00"; 12.5, not "12.50"."""
    return int(amount) if amount == int(amount) else float(amount)


def dates(shop: StandInShop, **moments: Any) -> Row:
    found: Row = {}
    for name, moment in moments.items():
        found[f"date_{name}"] = shop.local(moment)
        found[f"date_{name}_gmt"] = shop.gmt(moment)
    return found


def address(row: Row, *, email: bool) -> Row:
    found = {
        "first_name": row.get("first_name", ""),
        "last_name": row.get("last_name", ""),
        "company": "",
        "address_1": "",
        "address_2": "",
        "city": "",
        "state": row.get("state", ""),
        "postcode": "",
        "country": row.get("country", ""),
        "phone": row.get("phone", "") or "",
    }
    return {**found, "email": row.get("email", "") or ""} if email else found


def order(shop: StandInShop, row: Row) -> Row:
    """One order."""
    number, total = row["id"], shop.total(row)
    pay = f"{shop.address}/checkout/order-pay/{number}/?pay_for_order=true&key={row['key']}"
    waiting = row["status"] in ("pending", "failed", "checkout-draft")
    return {
        "id": number,
        "parent_id": 0,
        "status": row["status"],
        "currency": row["currency"],
        "version": shop.version,
        "prices_include_tax": False,
        **dates(shop, created=row["created"], modified=row["modified"]),
        "discount_total": "0.00",
        "discount_tax": "0.00",
        "shipping_total": row["shipping"],
        "shipping_tax": "0.00",
        "cart_tax": "0.00",
        "total": f"{total}",
        "total_tax": "0.00",
        "customer_id": row["customer_id"],
        "order_key": row["key"],
        "billing": address(row, email=True),
        "shipping": address({}, email=False),
        "payment_method": row["payment_method"],
        "payment_method_title": row["payment_method"].title(),
        "transaction_id": "",
        "customer_ip_address": row["ip"],
        "customer_user_agent": row["user_agent"],
        "created_via": row["via"],
        "customer_note": "",
        **dates(shop, completed=row["completed"], paid=row["paid"]),
        "cart_hash": "",
        "number": row["number"],
        "meta_data": [
            {"id": n, "key": k, "value": v} for n, (k, v) in enumerate(row["meta"].items())
        ],
        "line_items": [line(shop, n, *one) for n, one in enumerate(row["lines"])],
        "tax_lines": [],
        "shipping_lines": [{"id": 1, "method_title": "Flat rate", "total": row["shipping"]}],
        "fee_lines": [],
        "coupon_lines": [{"id": n, "code": code} for n, code in enumerate(row["coupons"])],
        "refunds": row["refunds"],
        "payment_url": pay,
        "is_editable": False,
        "needs_payment": waiting and total > 0,
        "needs_processing": True,
        "currency_symbol": "$",
        "_links": links(shop, "orders", number),
    }


def line(shop: StandInShop, number: int, product: int, quantity: int) -> Row:
    one = shop.products[product]
    whole = Decimal(one["price"]) * quantity
    return {
        "id": number + 1,
        "name": one["name"],
        "product_id": product,
        "variation_id": 0,
        "quantity": quantity,
        "tax_class": "",
        "subtotal": f"{whole}",
        "subtotal_tax": "0.00",
        "total": f"{whole}",
        "total_tax": "0.00",
        "taxes": [],
        "meta_data": [],
        "sku": one.get("sku", ""),
        "price": bare(Decimal(one["price"])),
        "image": {"id": "", "src": ""},
        "parent_name": None,
    }


def customer(shop: StandInShop, row: Row) -> Row:
    return {
        "id": row["id"],
        **dates(shop, created=row["created"], modified=row["modified"]),
        "email": row["email"],
        "first_name": row.get("first_name", ""),
        "last_name": row.get("last_name", ""),
        "role": "customer",
        "billing": address({"phone": row.get("phone", "")}, email=True),
        "shipping": address({}, email=False),
        "is_paying_customer": False,
        "meta_data": [dict(each) for each in row.get("meta_data", [])],
        "_links": links(shop, "customers", row["id"]),
    }


def product(shop: StandInShop, row: Row) -> Row:
    slug = row["name"].lower()
    return {
        "id": row["id"],
        "name": row["name"],
        "slug": slug,
        "permalink": f"{shop.address}/product/{slug}/",
        **dates(shop, created=row["created"], modified=row["modified"]),
        "type": "simple",
        "status": row.get("status", "publish"),
        "price": row["price"],
        "sku": row.get("sku", ""),
        "categories": [{"id": 15, "name": "Uncategorized", "slug": "uncategorized"}],
        "images": [],
        "stock_status": row.get("stock_status", "instock"),
        "_links": links(shop, "products", row["id"]),
    }


def variation(shop: StandInShop, row: Row) -> Row:
    """One of a product's variations at `products/<id>/variations`: `name` is the choice alone."""
    return {
        "id": row["id"],
        "name": row["name"],
        **dates(shop, created=row["created"], modified=row["modified"]),
        "permalink": f"{shop.address}/product/{row['parent']}/?attribute_colour={row['name']}",
        "sku": row.get("sku", ""),
        "price": row["price"],
        "status": row.get("status", "publish"),
        "stock_status": row.get("stock_status", "instock"),
        "image": None,
        "attributes": [{"id": 0, "name": "Colour", "option": row["name"]}],
        "parent_id": row["parent"],
        "_links": links(shop, f"products/{row['parent']}/variations", row["id"]),
    }


def coupon(shop: StandInShop, row: Row) -> Row:
    kept = {name: value for name, value in row.items() if name not in ("created", "expires")}
    return {
        **kept,
        "status": row.get("status", "publish"),
        **dates(shop, created=row["created"], modified=row["created"], expires=row["expires"]),
        "meta_data": [],
        "_links": links(shop, "coupons", row["id"]),
    }


def links(shop: StandInShop, kind: str, number: int) -> Row:
    base = f"{shop.address}/wp-json/wc/v3/{kind}"
    return {
        "self": [
            {
                "href": f"{base}/{number}",
                "targetHints": {"allow": ["GET", "POST", "PUT", "PATCH", "DELETE"]},
            }
        ],
        "collection": [{"href": base}],
    }


RENDER = {"order": order, "customer": customer, "product": product, "coupon": coupon}


def gone(kind: str) -> Row:
    """What is delivered or answered for a thing that is not there any more."""
    return error(f"woocommerce_rest_shop_{kind}_invalid_id", "Invalid ID.", 404)


def error(code: str, message: str, status: int, **more: Any) -> Row:
    return {"code": code, "message": message, "data": {"status": status, **more}}
