"""Replies of shoppers that wait for a person, and the conversations they stand in.

A conversation's address bears the number of one of its replies, never a phone. An answer leaves
as an SMS within a day of what the shopper wrote, once, however often its form is sent.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Connection

from recovery import looks, members, own_answers, reasons, sms_count, threads
from recovery.members import Role
from recovery.own_answers import Refusal, Standing
from recovery.timing import zones_of
from web.merchant import carts_words
from web.merchant.carts_reasons import REASONS
from web.merchant.visitor import may, visitor
from web.tools import tools

blueprint = Blueprint("conversations", __name__, url_prefix="/conversations")

_ONCE = re.compile(r"[A-Za-z0-9_-]{8,40}", re.ASCII)
REFUSALS = {
    Refusal.EMPTY: _l("Write something first."),
    Refusal.TOO_LONG: _l("This is too long: four SMS are the most. Nothing was sent."),
    Refusal.STOPPED: _l("This person wants no more texts. No answer can be sent to them by SMS."),
    Refusal.TOO_LATE: _l(
        "They wrote more than 24 hours ago. Answering by SMS is welcome for a day; if they write "
        "again, you can answer here."
    ),
    Refusal.NO_HOUR: _l(
        "Texts leave from 8 in the morning to 9 in the evening where they are, and by then the 24 "
        "hours in which an answer is welcome are over. Nothing was sent."
    ),
    Refusal.NO_SENDER: _l("The shop has no account that sends texts. Connect one in Settings."),
    Refusal.NO_PHONE: _l("This number cannot receive texts."),
    Refusal.GONE: _l("The shop is no longer connected."),
}
_STATES = {
    "scheduled": _l("on its way"),
    "sending": _l("on its way"),
    "sent": _l("accepted by the provider; whether it arrived is not known"),
    "delivered": _l("arrived"),
    "undelivered": _l("not delivered"),
    "failed": _l("refused by the provider"),
    "skipped": _l("not sent"),
    "unconfirmed": _l("whether it left is not known; it is not sent again"),
}


@blueprint.get("/")
def conversations() -> str:
    """Those who wait, and the others."""
    shop, before = visitor().shop, request.args.get("before", "")
    since = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    with tools().database.reading() as db:
        waiting = threads.waiting(db, shop.id) if since is None else []
        others, more = threads.others(db, shop.id, since)
    waits = {head.sender for head in waiting}
    return render_template(
        "merchant/conversations.html",
        waiting=waiting,
        others=[head for head in others if head.sender not in waits],
        more=more,
        is_first=since is None,
        called=_called,
    )


@blueprint.get("/<int:reply_id>")
def thread(reply_id: int) -> str:
    """One conversation."""
    return _page(reply_id)


@blueprint.post("/<int:reply_id>/answer")
@may(Role.EDITOR)
def answer(reply_id: int) -> ResponseReturnValue:
    """Send an answer."""
    typed, once = request.form.get("text", ""), request.form.get("once", "")
    if not _ONCE.fullmatch(once):
        abort(400)
    shop, member, now = visitor().shop, visitor().member, tools().now()

    def work(db: Connection) -> Refusal | None:
        return own_answers.send(db, shop, member, reply_id, typed, once, now)

    _known(reply_id)
    refused = tools().database.run(work)
    if refused is not None:
        return _page(reply_id, typed, REFUSALS[refused]), 422
    flash(_("Your answer is on its way. Reminders to this person rest meanwhile."))
    return redirect(url_for("conversations.thread", reply_id=reply_id))


@blueprint.post("/<int:reply_id>/done")
@may(Role.EDITOR)
def done(reply_id: int) -> ResponseReturnValue:
    """Nothing is to be answered."""
    shop_id, who, now = visitor().shop.id, visitor().member.id, tools().now()
    _known(reply_id)
    if tools().database.run(lambda db: threads.done(db, shop_id, reply_id, who, now)):
        flash(_("Done. It waits no more; you can take that back here."))
    return redirect(url_for("conversations.thread", reply_id=reply_id))


@blueprint.post("/<int:reply_id>/undo")
@may(Role.EDITOR)
def undo(reply_id: int) -> ResponseReturnValue:
    """It waits again."""
    shop_id = visitor().shop.id
    _known(reply_id)
    if tools().database.run(lambda db: threads.undo_done(db, shop_id, reply_id)):
        flash(_("It waits for an answer again."))
    return redirect(url_for("conversations.thread", reply_id=reply_id))


@blueprint.post("/count")
@may(Role.EDITOR)
def count() -> str:
    """How many characters and parts the text takes; asked as one types."""
    return render_template("merchant/conversations_count.html", count=_count(_typed()))


def _typed() -> str:
    return request.form.get("text", "")[: 4 * own_answers.LONGEST]


def _count(typed: str) -> sms_count.Count:
    return sms_count.count(own_answers.tidy(typed))


def _known(reply_id: int) -> Any:
    with tools().database.reading() as db:
        return _last(db, reply_id)


def _last(db: Connection, reply_id: int) -> Any:
    found = threads.latest_of(db, visitor().shop.id, reply_id) if reply_id < 2**63 else None
    if found is None:
        abort(404)
    return found


def _page(reply_id: int, typed: str = "", error: object = "") -> str:
    shop, member, now = visitor().shop, visitor().member, tools().now()
    with tools().database.reading() as db:
        last = _last(db, reply_id)
        found = threads.of_reply(db, shop.id, reply_id)
        stands = own_answers.standing(db, shop, last, now)
        names = members.names(db, shop.id)
    assert found is not None  # noqa: S101 - its latest reply was just read
    tools().database.run(lambda db: looks.note_once(db, member, "conversation", last.id, now))
    return render_template(
        "merchant/conversations_one.html",
        thread=found,
        who=_called(found.name, last.sender),
        stands=stands,
        refusal=REFUSALS.get(stands.refusal) if stands.refusal else "",
        leaves=_leaves(stands, last.sender, now),
        errors={"text": error} if error else {},
        typed=typed,
        count=_count(typed),
        once=secrets.token_urlsafe(16),
        names=names,
        states=_STATES,
        reasons_of=_reasons_of,
        w=carts_words,
    )


def _leaves(stands: Standing, phone: str, now: datetime) -> str:
    """What to say of the hour where they are; nothing where an answer leaves at once."""
    if stands.leaves_at is None or stands.leaves_at <= now:
        return ""
    zone = zones_of(phone, visitor().shop.country, None, visitor().shop.timezone)[0]
    there = now.astimezone(ZoneInfo(zone))
    at = stands.leaves_at.astimezone(ZoneInfo(zone))
    return str(
        _(
            "It is %(hour)s where they are. Your answer leaves at %(when)s.",
            hour=format_datetime(there, "HH:mm", rebase=False),
            when=format_datetime(at, "HH:mm", rebase=False),
        )
    )


def _reasons_of(row: Any) -> list[str]:
    return [str(REASONS[each]) for each in reasons.read(row.reasons)]


def _called(name: str | None, number: str) -> str:
    shown = number if visitor().member.may(Role.EDITOR) else carts_words.masked(number)
    return f"{name} · {shown}" if name else shown
