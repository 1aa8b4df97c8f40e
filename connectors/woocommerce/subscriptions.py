"""The shop's webhooks to us: made when missing, revived when WooCommerce gave up on them.

WooCommerce never repeats a delivery, and disables a webhook at its seventh
failure in a row, for good.
"""

from __future__ import annotations

import hashlib

from connectors.protocols import Refused
from connectors.woocommerce.client import PER_PAGE, Rest
from connectors.woocommerce.fields import Row, text

TOPICS = (
    "order.created",
    "order.updated",
    "order.deleted",
    "order.restored",
    "customer.updated",
    "product.updated",
    "product.deleted",
)


def keep_subscriptions(rest: Rest, hooks_url: str, secret: str) -> int:
    """See that every topic reaches `hooks_url`. How many webhooks were made or mended.

    Raises what `Rest` raises: `Refused` when the shop does not accept the address.
    """
    ours = [row for row in all_webhooks(rest) if row.get("delivery_url") == hooks_url]
    mended = 0
    for topic in TOPICS:
        wanted = as_wanted(topic, hooks_url, secret)
        found = [row for row in ours if row.get("topic") == topic]
        if any(is_well(row, wanted) for row in found):
            continue
        if found:
            rest.put(f"webhooks/{text(found[0], 'id')}", wanted)
        else:
            rest.post("webhooks", wanted)
        mended += 1
    return mended


def end_subscriptions(rest: Rest, hooks_url: str) -> int:
    """Delete every webhook to `hooks_url`; how many there were. Raises what `Rest` raises."""
    ours = [row for row in all_webhooks(rest) if row.get("delivery_url") == hooks_url]
    for row in ours:
        try:
            rest.delete(f"webhooks/{text(row, 'id')}")
        except Refused as error:
            if "404" not in str(error):  # gone already
                raise
    return len(ours)


def as_wanted(topic: str, hooks_url: str, secret: str) -> dict[str, str]:
    """A webhook of ours. Its name ends in a print of the secret.

    The API never shows a secret, so without the print a webhook that still signs
    with one from before the shop was connected anew would look well.
    """
    mark = hashlib.sha256(b"relance webhook " + secret.encode()).hexdigest()[:8]
    return {
        "name": f"Relance {topic} {mark}",
        "topic": topic,
        "delivery_url": hooks_url,
        "secret": secret,
        "status": "active",
    }


def is_well(row: Row, wanted: dict[str, str]) -> bool:
    """Is it awake, and does it sign with the secret of today?"""
    return row.get("status") == "active" and row.get("name") == wanted["name"]


def all_webhooks(rest: Rest) -> list[Row]:
    """Every webhook of the shop, whosoever's it is."""
    found: list[Row] = []
    page = 1
    while True:
        answer = rest.get("webhooks", per_page=PER_PAGE, page=page)
        found += answer.rows()
        if page >= (answer.pages or 1):
            return found
        page += 1
