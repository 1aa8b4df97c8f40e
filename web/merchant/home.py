"""The first page of a shop: what works, what is missing, what to do next."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_babel import lazy_gettext as _l

from recovery import checklist, figures_today
from web.merchant import history
from web.merchant.checklist_words import STANDINGS, in_words
from web.merchant.visitor import visitor
from web.tools import tools

blueprint = Blueprint("home", __name__)
#: Where a point of the checklist is mended: the page, a place on it, and what the link says.
_TODO = {
    "texts": ("onboarding.start", "sender", _l("Choose a sender")),
    "stops": ("onboarding.start", "sender", _l("Choose a number as sender")),
    "programme": ("onboarding.start", "trade", _l("Choose a programme")),
    "merchant_email": ("settings.settings", "", _l("Settings")),
    "postal_address": ("settings.settings", "", _l("Settings")),
    "mails": ("settings.settings", "", _l("Settings")),
}


@blueprint.get("/")
def home() -> str:
    """The checklist."""
    now = tools().now()
    with tools().database.reading() as db:
        points = checklist.of_shop(db, visitor().shop, now)
        today = figures_today.of_shop(db, visitor().shop, now)
        past = history.on_the_first_page(db, now)
    return render_template(
        "merchant/home.html",
        points=[(point, in_words(point)) for point in points],
        ready=checklist.is_ready(points),
        standings=STANDINGS,
        todo=_TODO,
        today=today,
        **past,
    )
