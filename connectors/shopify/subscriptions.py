"""Keeping the webhooks alive: Shopify deletes a subscription after eight failed deliveries."""

from __future__ import annotations

import logging

from connectors.protocols import Refused
from connectors.shopify import documents
from connectors.shopify.admin import Admin
from connectors.shopify.coupons import refuse_user_errors
from connectors.shopify.reading import Json, part, parts, text
from connectors.shopify.topics import SUBSCRIBED

log = logging.getLogger(__name__)

_COST = 110.0


def keep_subscriptions(admin: Admin, hooks_url: str) -> int:
    """See that each topic is sent to `hooks_url`, once. How many had to be mended.

    Missing ones are made, those sent elsewhere are turned to us, and a second one for
    the same topic is deleted, because it would send everything twice. A topic that the
    shop refuses (for want of a scope) is logged and passed over, so that it takes no
    other with it. Raises `Refused` when all are, `Busy`, `NoAnswer`.
    """
    alive = _alive(admin)
    mended = 0
    refused = []
    for topic in SUBSCRIBED:
        try:
            mended += _keep(admin, topic, hooks_url, alive.get(topic, []))
        except Refused as error:
            refused.append(topic)
            log.warning("%s refuses the webhook %s: %s", admin.shop, topic, error)
    if len(refused) == len(SUBSCRIBED):
        raise Refused("the shop refuses every webhook")
    return mended


def end_subscriptions(admin: Admin, hooks_url: str) -> int:
    """Delete every subscription to `hooks_url`; how many there were.

    The three that the app's toml names are not among them. Raises `Refused`, `Busy`, `NoAnswer`.
    """
    listed = [each for topic in _alive(admin).values() for each in topic]
    ours = [each for each in listed if each.get("uri") == hooks_url]
    for each in ours:
        _unsubscribe(admin, each)
    return len(ours)


def _unsubscribe(admin: Admin, subscription: Json) -> None:
    gone = admin.change(documents.UNSUBSCRIBE, {"id": subscription.get("id")})
    refuse_user_errors(part(gone.get("webhookSubscriptionDelete")))


def _alive(admin: Admin) -> dict[str, list[Json]]:
    """Our subscriptions at the shop by topic."""
    found: dict[str, list[Json]] = {}
    after = None
    while True:
        answer = admin.ask(documents.SUBSCRIPTIONS, {"after": after}, _COST)
        listed = part(answer.data.get("webhookSubscriptions"))
        for node in parts(listed.get("nodes")):
            found.setdefault(text(node.get("topic")) or "", []).append(node)
        info = part(listed.get("pageInfo"))
        after = text(info.get("endCursor"))
        if info.get("hasNextPage") is not True or after is None:
            return found


def _keep(admin: Admin, topic: str, hooks_url: str, alive: list[Json]) -> int:
    """Leave exactly one subscription of `topic` at `hooks_url`; how many were touched."""
    right = [each for each in alive if each.get("uri") == hooks_url]
    wrong = [each for each in alive if each.get("uri") != hooks_url]
    subscription = {"uri": hooks_url, "format": "JSON"}
    mended = 0
    if not right:
        if wrong:
            variables = {"id": wrong.pop(0).get("id"), "subscription": subscription}
            moved = admin.change(documents.MOVE_SUBSCRIPTION, variables)
            refuse_user_errors(part(moved.get("webhookSubscriptionUpdate")))
        else:
            _subscribe(admin, topic, subscription)
        mended = 1
    for spare in right[1:] + wrong:
        _unsubscribe(admin, spare)
        mended += 1
    return mended


def _subscribe(admin: Admin, topic: str, subscription: dict[str, str]) -> None:
    variables = {"topic": topic, "subscription": subscription}
    made = part(admin.change(documents.SUBSCRIBE, variables).get("webhookSubscriptionCreate"))
    if any("already been taken" in str(e.get("message")) for e in parts(made.get("userErrors"))):
        return  # another worker was quicker: it is there, which is all we want
    refuse_user_errors(made)
    if not part(made.get("webhookSubscription")).get("id"):
        raise Refused(f"Shopify made no subscription to {topic}")
