"""One cart: what is in it, who agreed to what, and all that happened to it."""

from __future__ import annotations

import json
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Connection

from recovery import cart_life, consent_words, lines, looks, members, silences
from recovery.cart_life import Event
from recovery.members import Role
from web.merchant import carts_words
from web.merchant.carts import blueprint
from web.merchant.carts_reasons import REASONS
from web.merchant.visitor import may, visitor
from web.tools import tools

#: So much of a payload is shown; a page is no place for megabytes.
LONGEST_PAYLOAD = 60_000


@blueprint.get("/<int:cart_id>")
def cart(cart_id: int) -> str:
    """A cart and its whole life."""
    shop, now = visitor().shop, tools().now()
    with tools().database.reading() as db:
        found = _found(db, cart_id)
        life = cart_life.of_cart(db, found)
        shown: dict[str, Any] = {
            "said": cart_life.said_by(db, found),
            "stops": cart_life.stops_of(db, found),
            "others": cart_life.others_of(db, found),
            "names": members.names(db, shop.id),
        }
    _note(cart_id, "cart")
    return render_template(
        "merchant/carts_one.html",
        cart=found,
        lines=lines.read(found.lines),
        life=[(event, *_numbers(event)) for event in life],
        is_nobodys=cart_life.is_nobodys(found),
        waits=any(each.what == "planned" and each.about.state == "scheduled" for each in life),
        source_words=consent_words.words_of,
        reasons=REASONS,
        now=now,
        w=carts_words,
        **shown,
    )


@blueprint.get("/<int:cart_id>/payload")
@may(Role.OWNER)
def payload(cart_id: int) -> str:
    """The cart as the platform sent it the last time."""
    with tools().database.reading() as db:
        found = _found(db, cart_id)
    _note(cart_id, "payload")
    text = _pretty(found.raw)
    cut = len(text) > LONGEST_PAYLOAD
    return render_template(
        "merchant/carts_payload.html", cart=found, text=text[:LONGEST_PAYLOAD], cut=cut
    )


@blueprint.post("/<int:cart_id>/silence")
@may(Role.EDITOR)
def silence(cart_id: int) -> ResponseReturnValue:
    """No reminder of this cart leaves any more."""
    member, now = visitor().member, tools().now()
    _known(cart_id)
    if tools().database.run(lambda db: silences.silence(db, member, cart_id, now)):
        flash(_("Stopped: no reminder of this cart leaves any more. You can take it back here."))
    return redirect(url_for("carts.cart", cart_id=cart_id))


@blueprint.post("/<int:cart_id>/speak")
@may(Role.EDITOR)
def speak(cart_id: int) -> ResponseReturnValue:
    """Reminders of this cart may leave again."""
    member, now = visitor().member, tools().now()
    _known(cart_id)
    if tools().database.run(lambda db: silences.speak_again(db, member, cart_id, now)):
        flash(_("Taken back: what is still in time leaves as it was planned."))
    return redirect(url_for("carts.cart", cart_id=cart_id))


def _known(cart_id: int) -> None:
    with tools().database.reading() as db:
        _found(db, cart_id)


def _found(db: Connection, cart_id: int) -> Any:
    found = cart_life.cart_of(db, visitor().shop.id, cart_id) if cart_id < 2**63 else None
    if found is None:
        abort(404)
    return found


def _note(cart_id: int, what: str) -> None:
    member, now = visitor().member, tools().now()
    tools().database.run(lambda db: looks.note_once(db, member, what, cart_id, now))


def _pretty(raw: str) -> str:
    try:
        return json.dumps(json.loads(raw), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return raw


def _numbers(event: Event) -> tuple[str, str]:
    """The sentence of an event, and the state of what it is about, for its mark."""
    return carts_words.title_of(event), _TONES.get(event.what, "")


_TONES = {
    **dict.fromkeys(("delivered", "ordered", "credited", "agreed"), "done"),
    **dict.fromkeys(("undelivered", "refused", "declined", "cancelled"), "trouble"),
    **dict.fromkeys(("skipped", "unconfirmed", "silenced"), "better"),
}
