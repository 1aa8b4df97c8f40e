"""Parts that several webhook bodies share, and what is blanked for want of approval."""

from __future__ import annotations

from typing import Any

from tests.standins.shopify.money import plain
from tests.standins.shopify.records import COUNTRIES, Checkout, Customer, Order

NAMES = ("first_name", "last_name", "name")
POSTAL = ("address1", "address2", "company", "latitude", "longitude", "zip", "city")


def gid(kind: str, number: int) -> str:
    return f"gid://shopify/{kind}/{number}"


def postal(given: dict[str, Any] | None) -> dict[str, Any] | None:
    """A billing or shipping address with all its official keys."""
    if given is None:
        return None
    keys = (
        "first_name address1 phone city zip province country last_name address2 company "
        "latitude longitude name country_code province_code"
    ).split()
    said = {key: given.get(key) for key in keys}
    said["name"] = " ".join(filter(None, (said["first_name"], said["last_name"])))
    said["country"] = said["country"] or COUNTRIES.get(
        said["country_code"] or "", said["country_code"]
    )
    return said


def customer_part(of: Any, c: Customer) -> dict[str, Any]:
    """The customer inside a checkout or an order: no consent, no tags, since 2025-01."""
    said: dict[str, Any] = {
        "id": c.id,
        "created_at": of.local(c.created_at),
        "updated_at": of.local(c.updated_at),
        "first_name": c.first_name,
        "last_name": c.last_name,
        "state": "disabled",
        "note": None,
        "verified_email": True,
        "multipass_identifier": None,
        "tax_exempt": False,
        "email": c.email,
        "phone": c.phone,
        "currency": of.shop.settings.currency,
        "tax_exemptions": [],
        "admin_graphql_api_id": gid("Customer", c.id),
    }
    if c.address:
        place = postal(c.address) or {}
        more = {"id": c.id * 10 + 3, "customer_id": c.id, "default": True}
        said["default_address"] = place | more | {"country_name": place["country"]}
        for name in ("latitude", "longitude"):
            del said["default_address"][name]
    return said


def discount_codes(record: Checkout | Order) -> list[dict[str, Any]]:
    return [
        {"code": code, "amount": plain(amount, record.currency), "type": "fixed_amount"}
        for code, amount in record.discount_codes
    ]


def hidden(said: dict[str, Any], approved: frozenset[str]) -> dict[str, Any]:
    """`said` with null where the app is not approved for customer data."""
    said = dict(said)
    if "customer" not in approved and "customer" in said:
        said["customer"] = None
    for part in ("customer", "billing_address", "shipping_address", "default_address"):
        if isinstance(said.get(part), dict):
            said[part] = hidden(said[part], approved)
    if "email" not in approved:
        _blank(said, "email", "contact_email")
    if "phone" not in approved:
        _blank(said, "phone", "sms_marketing_phone")
    if "name" not in approved and "line_items" not in said:  # an order's own name is "#1001"
        _blank(said, *NAMES)
    if "address" not in approved:
        _blank(said, *POSTAL, "browser_ip")
    return said


def _blank(said: dict[str, Any], *names: str) -> None:
    for name in names:
        if name in said:
            said[name] = None
