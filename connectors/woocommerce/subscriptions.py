"""The shop's webhooks to us: made when missing, revived when WooCommerce gave up on them.

WooCommerce never repeats a delivery, and disables a webhook at its seventh
failure in a row, for good.
"""

from __future__ import annotations

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
    """See that every topic reaches `hooks_url`. How many webhooks were made or revived.

    The secret is never shown, so it is set anew on each that is revived. Raises
    what `Rest` raises: `Refused` when the shop does not accept the address.
    """
    ours = [row for row in all_webhooks(rest) if row.get("delivery_url") == hooks_url]
    alive = {text(row, "topic") for row in ours if row.get("status") == "active"}
    asleep = {text(row, "topic"): row for row in ours if row.get("status") != "active"}
    mended = 0
    for topic in TOPICS:
        if topic in alive:
            continue
        if topic in asleep:
            rest.put(
                f"webhooks/{text(asleep[topic], 'id')}", {"status": "active", "secret": secret}
            )
        else:
            rest.post("webhooks", new_webhook(topic, hooks_url, secret))
        mended += 1
    return mended


def new_webhook(topic: str, hooks_url: str, secret: str) -> dict[str, str]:
    return {
        "name": f"Relance {topic}",
        "topic": topic,
        "delivery_url": hooks_url,
        "secret": secret,
        "status": "active",
    }


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
