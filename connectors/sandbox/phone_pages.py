"""The pages of the phone, the corner of the clock, and the help."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, session
from werkzeug.wrappers import Response

from connectors.sandbox import browser, mails, texts
from connectors.sandbox.awaited import is_one_awaited
from connectors.sandbox.mails import Glance
from connectors.sandbox.stand import stand, there
from connectors.sandbox.texts import Bubble

phone_pages = Blueprint("phone", __name__)

LONGEST_REPLY = 480
APPS = ("texts", "mail")
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


@phone_pages.get("/phone/show/<app>")
def show(app: str) -> Response:
    """Look at the texts, or at the e-mails."""
    if app not in APPS:
        abort(404)
    session["app"] = app
    return redirect(browser.came_from())


@phone_pages.get("/phone/pick")
def pick() -> Response:
    """Look at another phone, or into another inbox."""
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
    """The phones and inboxes there are, those looked at, and what lies in them."""
    here, own, box = stand(), session.get("number"), session.get("address")
    with here.store.reading() as db:
        numbers, number = _choice(texts.numbers(db), own, wanted or session.get("picked"))
        addresses, address = _choice(mails.addresses(db), box, session.get("box"))
        bubbles = texts.bubbles(db, number) if number else []
        inbox = mails.inbox(db, address) if address else []
    return {
        "app": session.get("app") or _latest(bubbles, inbox),
        "numbers": numbers,
        "number": number,
        "bubbles": bubbles,
        "stopped": texts.has_stopped(bubbles),
        "addresses": addresses,
        "address": address,
        "inbox": inbox,
        "new_mails": sum(each.is_new for each in inbox),
        "messages": len(bubbles) + len(inbox),
        "phone_time": there(here.now()),
    }


def _choice(found: list[str], own: str | None, picked: str | None) -> tuple[list[str], str | None]:
    """All there are, with this browser's own, and the one to look at."""
    every = [own, *found] if own and own not in found else found
    wanted = next((each for each in (picked, own) if each in every), None)
    return every, wanted or (every[0] if every else None)


def _latest(bubbles: list[Bubble], inbox: list[Glance]) -> str:
    """As long as nobody chose: where something came last."""
    if not inbox:
        return "texts"
    return "mail" if not bubbles or inbox[0].at > bubbles[-1].at else "texts"


def _choose_number() -> None:
    if number := request.args.get("number"):
        session["picked"] = number
    if address := request.args.get("address"):
        session["box"] = address
