"""The pages of the phone, the corner of the clock, and the help."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, session
from werkzeug.wrappers import Response

from connectors.sandbox import browser, texts
from connectors.sandbox.awaited import is_one_awaited
from connectors.sandbox.stand import stand, there

phone_pages = Blueprint("phone", __name__)

LONGEST_REPLY = 480
STEPS = {"hour": 3600.0, "day": 86_400.0}


@phone_pages.get("/phone")
def phone() -> str:
    """The phone alone."""
    _choose_number()
    return render_template("phone.html")


@phone_pages.get("/phone/screen")
def screen() -> str:
    """What the phone shows at this moment, for the page to put in place."""
    return render_template("_screen.html", **shown_phone(request.args.get("number")))


@phone_pages.get("/phone/pick")
def pick() -> Response:
    """Look at another phone."""
    _choose_number()
    return redirect(browser.came_from())


@phone_pages.post("/phone/reply")
def reply() -> Response:
    """Send what was typed on the phone to whoever wrote last."""
    here, number = stand(), request.form.get("number", "")
    text = request.form.get("text", "").strip()[:LONGEST_REPLY]
    if not text:
        return redirect(browser.came_from())
    with here.store.writing() as db:
        sent = texts.reply(db, number, text, here.hooks.inbound, here.now())
    if not sent:
        abort(404)
    here.wake()
    return redirect(browser.came_from())


@phone_pages.get("/help")
def help_page() -> str:
    """What this sandbox does and which numbers are special."""
    return render_template("help.html")


@phone_pages.post("/time/forward")
def forward() -> Response:
    """Move the shop's clock, where that was allowed at the start."""
    here, step = stand(), STEPS.get(request.form.get("step", ""))
    if here.forward is None or step is None:
        abort(404)
    with here.store.reading() as db:
        before = is_one_awaited(db, here.now())
    here.forward(step)
    with here.store.reading() as db:
        after = is_one_awaited(db, here.now())
    here.wake()
    browser.say("time_moved" if after else "time_moved_too_far" if before else "time_moved_idly")
    return redirect(browser.came_from())


def shown_phone(wanted: str | None = None) -> dict[str, Any]:
    """The phones there are, the one looked at, and its texts."""
    here, own = stand(), session.get("number")
    with here.store.reading() as db:
        found = texts.numbers(db)
        if own and own not in found:
            found = [own, *found]
        picked = next((n for n in (wanted, session.get("picked"), own) if n in found), None)
        number = picked or (found[0] if found else None)
        bubbles = texts.bubbles(db, number) if number else []
    return {
        "numbers": found,
        "number": number,
        "bubbles": bubbles,
        "stopped": texts.has_stopped(bubbles),
        "phone_time": there(here.now()),
    }


def _choose_number() -> None:
    if number := request.args.get("number"):
        session["picked"] = number
