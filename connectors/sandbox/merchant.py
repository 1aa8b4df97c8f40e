"""From the sandbox shop into the merchant's pages: the shop signs that its merchant comes."""

from __future__ import annotations

import secrets
from urllib.parse import quote, urlencode

from flask import Blueprint, redirect
from werkzeug.wrappers import Response

from connectors import entry_links
from connectors.sandbox.stand import stand

merchant = Blueprint("merchant", __name__)

MERCHANT = "1"  # the only one who works here


@merchant.get("/merchant")
def enter() -> Response:
    """Whoever opens it is the merchant: this shop is for trying, and asks for no password."""
    here = stand()
    key = here.hooks.shop_key
    signed = entry_links.query(here.secret, key, MERCHANT, secrets.token_urlsafe(24), here.now())
    house = here.hooks.pages or here.hooks.base
    answer = redirect(f"{house}/enter/sandbox/{quote(key, safe='')}?{urlencode(signed)}", 303)
    answer.headers["Cache-Control"] = "no-store"
    return answer
