"""WordPress's tools for personal data, by way of the plugin: what is held, and its erasing."""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection

from connectors.protocols import Forged, Unreadable
from recovery import nonces, privacy, privacy_answers
from recovery.contacts import email_key
from recovery.exports import Group
from recovery.people import Marks
from recovery.privacy import Erased
from web import plugin_door
from web.tools import tools
from web.words import in_our_language

blueprint = Blueprint("plugin_privacy", __name__, url_prefix="/hooks")
blueprint.after_request(plugin_door.mark)
log = logging.getLogger(__name__)

_ERASED = "Erased. What figures are counted from stays, without anything that names anybody."
_NOTHING = "Nothing was held of this person."
_STOPS = (
    "That this person wants no more messages stays noted, because else they could be written "
    "to again."
)


@blueprint.post("/woocommerce/<shop_key>/privacy")
def woocommerce_privacy(shop_key: str) -> Response:
    """Export or erase what is held of a person at that shop. Each request is good once."""
    from connectors.woocommerce.plugin import PRIVACY
    from connectors.woocommerce.plugin_privacy import read_privacy

    shop, nonce = plugin_door.who(shop_key, dict(request.headers), PRIVACY)
    asked = read_privacy(request.get_data())
    email = email_key(asked.shopper.email)
    if email is None:
        raise Unreadable("email: an address was expected")
    now = tools().now()

    def whose(db: Connection) -> list[Marks]:
        return privacy.known_as(db, shop.id, email)

    def work(db: Connection) -> list[Group] | Erased:
        # In one transaction with the answer: of two repeats at once, one finds it used.
        if not nonces.take(db, shop.id, nonce, now):
            raise Forged("this request came before")
        if asked.kind == "export":
            return privacy_answers.hand_out(db, shop.id, whose(db), "wordpress", now)
        return privacy_answers.erase(db, shop, whose(db), "wordpress", now)

    done = tools().database.run(work)
    log.info("privacy: shop %s, %s", shop.id, asked.kind)
    answer = jsonify(_told(done) if isinstance(done, Erased) else {"groups": _shown(done)})
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.errorhandler(Forged)
def forged(error: Forged) -> tuple[Response, int]:
    """Not signed by this shop's plugin, too old, or come before: nothing changed."""
    return jsonify(error="not signed by the shop"), 401


@blueprint.errorhandler(Unreadable)
def unreadable(error: Unreadable) -> tuple[Response, int]:
    """Signed, but not in the form; it is not kept, because it names a person."""
    return jsonify(error=str(error)), 400


def _told(erased: Erased) -> dict[str, Any]:
    words = [in_our_language(_ERASED if erased.removed else _NOTHING)]
    if erased.retained:
        words.append(in_our_language(_STOPS))
    return {"removed": erased.removed, "retained": erased.retained, "words": " ".join(words)}


def _shown(groups: list[Group]) -> list[dict[str, Any]]:
    return [
        {
            "id": group.id,
            "label": in_our_language(group.label),
            "items": [
                [{"name": in_our_language(name), "value": _in_words(value)} for name, value in item]
                for item in group.items
            ],
        }
        for group in groups
    ]


def _in_words(value: str) -> str:
    return in_our_language(value) if value in ("yes", "no") else value
