"""`/confirm/<token>`: the page of the link that asks an address to confirm its yes to e-mails.

Mail scanners open links to look inside: a GET shows the page and changes nothing, and only
the button, a POST, confirms. The page has no script, and does not show the address.
"""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from recovery import confirming
from recovery.confirm_words import LONGEST_SHOP, question_of, words_of
from recovery.confirming import Asked, Standing
from recovery.email_look import EASY, LIGHT, contrast, look_of, picture
from recovery.wording import clean
from web.tools import tools

blueprint = Blueprint("confirm", __name__)

_POLICY = (
    "default-src 'none'; img-src https:; style-src 'nonce-{}'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@blueprint.get("/confirm/<token>")
def ask(token: str) -> ResponseReturnValue:
    """The question and its button; nothing is confirmed by it."""
    with tools().database.reading() as db:
        asked = confirming.asked_by(db, token, tools().now())
    return _answer(asked)


@blueprint.post("/confirm/<token>")
def confirm(token: str) -> ResponseReturnValue:
    """The button: the yes is kept, with what the page said and where it was pressed."""
    now, ip = tools().now(), request.remote_addr
    page = f"{tools().public_url}/confirm"  # without the token, which is kept as a hash alone
    asked = tools().database.run(lambda db: confirming.confirm(db, token, now, page, ip))
    return _answer(asked)


def _answer(asked: Asked | None) -> ResponseReturnValue:
    if asked is None:
        return render_template("link.html", kind="unknown"), 404
    made = _page(asked)
    made.headers["X-Robots-Tag"] = "noindex, nofollow"
    made.headers["Cache-Control"] = "no-store"
    return made, 410 if asked.standing is Standing.ENDED else 200


def _page(asked: Asked) -> Response:
    shop, words, look = asked.shop, words_of(asked.language), look_of(asked.shop.colour)
    nonce, name = secrets.token_urlsafe(16), shop.name or shop.address
    told = {
        Standing.WAITS: (question_of(name, asked.language), ""),
        Standing.CONFIRMED: (words.done, words.done_more),
        Standing.STOPPED: (words.stopped, ""),
        Standing.ENDED: (words.ended, words.ended_more),
    }[asked.standing]
    html = render_template(
        "confirm.html",
        nonce=nonce,
        lang=asked.language or "en",
        shop=clean(name, LONGEST_SHOP),
        logo=picture(shop.logo),
        look=look,
        # A pale button needs an edge to be seen on paper.
        edge=look.button if contrast(look.button, LIGHT) >= EASY else look.on_button,
        title=told[0],
        more=told[1],
        button=words.button if asked.standing is Standing.WAITS else "",
    )
    made = make_response(html)
    made.headers["Content-Security-Policy"] = _POLICY.format(nonce)
    return made
