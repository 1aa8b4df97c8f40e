"""The plugin is deleted in WordPress: its last word, by which all sending is paused."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, request
from sqlalchemy import Connection

from connectors.protocols import Forged
from recovery import nonces, webhook_marks
from web import plugin_door
from web.tools import tools

blueprint = Blueprint("plugin_gone", __name__, url_prefix="/hooks")
blueprint.after_request(plugin_door.mark)
log = logging.getLogger(__name__)


@blueprint.post("/woocommerce/<shop_key>/gone")
def woocommerce_gone(shop_key: str) -> Response:
    """Pause the shop and tell its merchant; each request is good once."""
    from connectors.woocommerce.plugin import GONE

    shop, nonce = plugin_door.who(shop_key, dict(request.headers), GONE)
    now = tools().now()

    def work(db: Connection) -> None:
        if not nonces.take(db, shop.id, nonce, now):
            raise Forged("this request came before")
        webhook_marks.plugin_gone(db, shop.id, now)

    tools().database.run(work)
    tools().forget()
    log.info("shop %s: its plugin was deleted, sending is paused", shop.id)
    return Response("{}", 200, mimetype="application/json")


@blueprint.errorhandler(Forged)
def forged(error: Forged) -> tuple[str, int]:
    """Nobody we can trust sent this."""
    log.warning("plugin gone: forged: %s", error)
    return "", 401
