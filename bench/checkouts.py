"""Checkout webhooks as Shopify sends them in 2026-07: signed, 5 to 6 kB, made-up people."""

from __future__ import annotations

import base64
import hmac
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

SHOP = "bench-shop.myshopify.com"
UPDATES = 0.3  # of all webhooks; the rest are new checkouts
#: An update is about one of so many checkouts before the latest few.
_WINDOW, _GAP = 2000, 200

_FIRST = ("Ana", "Bruno", "Chloé", "Dario", "Élise", "Farid", "Greta", "Hugo", "Ines", "Jonas")
_LAST = ("Arnaud", "Bianchi", "Costa", "Dubois", "Eriksen", "Fischer", "Garnier", "Horvath")
_GOODS = ("Teapot", "Bowl", "Lamp", "Notebook", "Linen towel", "Candle", "Chair", "Vase")


@dataclass(frozen=True, slots=True)
class Webhook:
    """One request, ready to be written: which checkout it is about, and its version."""

    token: str
    version: int  # seconds after the beginning; the row keeps the highest
    request: bytes


def webhooks(seed: int, count: int, secret: str, begin: datetime) -> Iterator[Webhook]:
    """`count` webhooks; the same seed gives the same ones. 30 % update earlier checkouts."""
    dice = random.Random(seed)
    made = 0
    versions: dict[int, int] = {}
    for place in range(count):
        old = made > _GAP + 1 and dice.random() < UPDATES
        number = dice.randrange(max(0, made - _WINDOW), made - _GAP) if old else made
        made += not old
        versions[number] = versions.get(number, 0) + 1
        token = f"{seed:08x}{number:024x}"
        version = versions[number]
        body = _body(random.Random(seed * 1_000_003 + number), token, number, seed, version, begin)
        topic = "checkouts/update" if old else "checkouts/create"
        yield Webhook(token, version, request(body, topic, f"{seed}-{place}", secret))


def changed_at(begin: datetime, version: int) -> datetime:
    """When that version of a checkout was changed, on the shop's clock."""
    return begin + timedelta(seconds=version)


def request(body: bytes, topic: str, delivery: str, secret: str, shop: str = SHOP) -> bytes:
    """A webhook as it is written to the line, with Shopify's headers."""
    signature = base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()
    head = (
        "POST /hooks/shopify HTTP/1.1\r\n"
        "Host: relance.example\r\n"
        "User-Agent: Shopify-Captain-Hook\r\n"
        "Accept: */*\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"X-Shopify-Topic: {topic}\r\n"
        f"X-Shopify-Hmac-Sha256: {signature}\r\n"
        f"X-Shopify-Shop-Domain: {shop}\r\n"
        "X-Shopify-API-Version: 2026-07\r\n"
        f"X-Shopify-Webhook-Id: {delivery}\r\n"
        f"X-Shopify-Event-Id: event-{delivery}\r\n"
        "X-Shopify-Triggered-At: 2026-11-20T10:00:00.000000000Z\r\n"
        "\r\n"
    )
    return head.encode() + body


def _body(
    dice: random.Random, token: str, number: int, seed: int, version: int, begin: datetime
) -> bytes:
    first, last = dice.choice(_FIRST), dice.choice(_LAST)
    email = f"{first}.{last}.{seed:x}.{number}@example.com".lower()
    phone = f"+336{(seed * 7_919_993 + number) % 100_000_000:08d}"
    lines = [_line(dice, number, place, version) for place in range(dice.randint(2, 4))]
    total = sum(float(line["line_price"]) for line in lines)
    place = _place(first, last, phone, number)
    checkout = {
        "token": token,
        "cart_token": f"c{token[1:]}",
        "email": email,
        "gateway": None,
        "buyer_accepts_marketing": True,
        "buyer_accepts_sms_marketing": True,
        "sms_marketing_phone": phone,
        "created_at": _time(begin),
        "updated_at": _time(changed_at(begin, version)),
        "landing_site": f"/products/{dice.choice(_GOODS).lower()}?utm_source=letter",
        "note": "",
        "note_attributes": [],
        "referring_site": "https://search.example/",
        "shipping_lines": [
            {"code": "Colissimo", "price": "4.90", "title": "Colissimo", "source": "shopify"}
        ],
        "taxes_included": True,
        "total_weight": 800,
        "currency": "EUR",
        "completed_at": None,
        "closed_at": None,
        "user_id": None,
        "location_id": None,
        "source_identifier": None,
        "source_url": None,
        "device_id": None,
        "phone": phone,
        "customer_locale": "fr-FR",
        "line_items": lines,
        "name": f"#{seed:d}{number:012d}",
        "source": None,
        "abandoned_checkout_url": (
            f"https://bench.example/62001/checkouts/ac/c{token[1:]}/recover"
            f"?key={number:032x}&locale=fr-FR"
        ),
        "discount_codes": [],
        "tax_lines": [
            {"price": f"{total / 6:.2f}", "rate": 0.2, "title": "FR TVA", "channel_liable": None}
        ],
        "source_name": "web",
        "presentment_currency": "EUR",
        "total_discounts": "0.00",
        "total_line_items_price": f"{total:.2f}",
        "total_price": f"{total + 4.9:.2f}",
        "total_tax": f"{total / 6:.2f}",
        "subtotal_price": f"{total:.2f}",
        "total_duties": None,
        "reservation_token": None,
        "billing_address": place,
        "shipping_address": place,
        "customer": _customer(first, last, email, phone, 7_000_000_000_000 + seed * 10**6 + number),
    }
    return json.dumps(checkout, ensure_ascii=False, separators=(",", ":")).encode()


def _line(dice: random.Random, number: int, place: int, version: int) -> dict[str, Any]:
    price, title = dice.randint(900, 9900) / 100, dice.choice(_GOODS)
    quantity = dice.randint(1, 2) + (version - 1 if place == 0 else 0)
    return {
        "applied_discounts": [],
        "discount_allocations": [],
        "key": f"{number:x}{place}",
        "destination_location_id": 7001,
        "fulfillment_service": "manual",
        "gift_card": False,
        "grams": 400,
        "origin_location_id": 7002,
        "presentment_title": f"{title} in stoneware, hand-thrown",
        "presentment_variant_title": "Blue / large",
        "product_id": 8_123_456_789_000 + dice.randint(0, 999),
        "properties": {"_bundle": None},
        "quantity": quantity,
        "requires_shipping": True,
        "sku": f"{title[:3].upper()}-{dice.randint(100, 999)}",
        "tax_lines": [
            {
                "title": "FR TVA",
                "price": f"{price / 6:.2f}",
                "rate": 0.2,
                "compare_at": 0.2,
                "position": 1,
                "source": "Shopify",
                "zone": "FR",
                "channel_liable": None,
            }
        ],
        "taxable": True,
        "title": f"{title} in stoneware, hand-thrown",
        "variant_id": 44_123_456_789_000 + dice.randint(0, 999),
        "variant_title": "Blue / large",
        "variant_price": f"{price:.2f}",
        "vendor": "Kettle & Co",
        "user_id": None,
        "unit_price_measurement": {
            "measured_type": None,
            "quantity_value": None,
            "quantity_unit": None,
            "reference_value": None,
            "reference_unit": None,
        },
        "rank": None,
        "compare_at_price": None,
        "line_price": f"{price * quantity:.2f}",
        "price": f"{price:.2f}",
    }


def _place(first: str, last: str, phone: str, number: int) -> dict[str, Any]:
    return {
        "first_name": first,
        "address1": f"{number % 300} rue des Lilas",
        "phone": phone,
        "city": "Nantes",
        "zip": "44000",
        "province": None,
        "country": "France",
        "last_name": last,
        "address2": None,
        "company": None,
        "latitude": None,
        "longitude": None,
        "name": f"{first} {last}",
        "country_code": "FR",
        "province_code": None,
    }


def _customer(first: str, last: str, email: str, phone: str, key: int) -> dict[str, Any]:
    return {
        "id": key,
        "created_at": None,
        "updated_at": None,
        "first_name": first,
        "last_name": last,
        "state": "disabled",
        "note": None,
        "verified_email": True,
        "multipass_identifier": None,
        "tax_exempt": False,
        "email": email,
        "phone": phone,
        "currency": "EUR",
        "tax_exemptions": [],
        "admin_graphql_api_id": f"gid://shopify/Customer/{key}",
        "default_address": {
            "id": None,
            "customer_id": key,
            "first_name": first,
            "last_name": last,
            "company": None,
            "address1": "1 rue des Lilas",
            "address2": None,
            "city": "Nantes",
            "province": None,
            "country": "France",
            "zip": "44000",
            "phone": phone,
            "name": f"{first} {last}",
            "province_code": None,
            "country_code": "FR",
            "country_name": "France",
            "default": True,
        },
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
