"""The merchant's pages put together: one blueprint for each, all behind the same door."""

from __future__ import annotations

from datetime import datetime

from flask import Flask, g, render_template
from flask_babel import format_datetime, get_locale
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from recovery.members import Role
from recovery.report_rows import zone_of
from web.merchant import (
    carts,
    conversations,
    doors,
    frames,
    history,
    home,
    languages,
    onboarding,
    privacy,
    programmes,
    results,
    results_carts,
    settings,
    shopify_doors,
    shopify_install,
    team,
    visitor,
    why,
)
from web.tools import tools

#: In the order of the menu: a page's first address, and its name there.
MENU = (
    ("home.home", _l("Start")),
    ("results.results", _l("Results")),
    ("why.why", _l("Why carts are left")),
    ("carts.carts", _l("Carts")),
    ("conversations.conversations", _l("Conversations")),
    ("programmes.programmes", _l("Programmes")),
    ("settings.settings", _l("Settings")),
    ("privacy.privacy", _l("Privacy")),
    ("team.team", _l("Team")),
)
_ROOMS = (
    home.blueprint,
    history.blueprint,
    onboarding.blueprint,
    results.blueprint,
    why.blueprint,
    carts.blueprint,
    conversations.blueprint,
    programmes.blueprint,
    settings.blueprint,
    privacy.blueprint,
    team.blueprint,
)
_MORE = (results_carts,)  # modules that add pages to a room
ROLE_WORDS = {
    Role.OWNER: _l("own: everything"),
    Role.EDITOR: _l("edit: everything but the team"),
    Role.READER: _l("read"),
}
_SAID = {
    400: (
        _l("This form was not taken"),
        _l("Nothing was changed. Go back, load the page again, and send it once more."),
    ),
    403: (
        _l("This is for others to do"),
        _l("An owner of the shop can let you. Nothing was changed."),
    ),
    404: (
        _l("There is nothing here"),
        _l("If you came by a link of yours, enter from your shop's own pages again."),
    ),
}
_OURS = (
    _l("Something went wrong on our side"),
    _l("Nothing was changed. Please try again."),
)


def furnish(app: Flask) -> None:
    """Register the pages, their language, and what their templates need."""
    languages.speak(app)
    for room in _ROOMS:
        app.register_blueprint(room, url_prefix=f"/shops/<shop_key>{room.url_prefix or ''}")
    app.register_blueprint(doors.blueprint)  # whoever holds a link that the shop signed
    app.register_blueprint(shopify_install.blueprint)  # anybody; proven by Shopify's signature
    app.register_blueprint(shopify_doors.blueprint)  # whoever Shopify says it is
    app.context_processor(_for_templates)
    app.add_template_filter(_moment, "moment")


def _for_templates() -> dict[str, object]:
    return {
        "visitor": g.get("visitor"),
        "rooms": MENU,
        "role_words": ROLE_WORDS,
        "get_locale": get_locale,
        "form_mark": _form_mark,
        "app_bridge": _app_bridge(),
        "app_host": frames.host_of(g.visitor.shop.address) if "visitor" in g else "",
    }


def _app_bridge() -> str:
    """The app's public key, on the pages that Shopify may frame; "" on all others."""
    if "framed_by" not in g:
        return ""
    return tools().outside.options("shopify").get("api_key", "")


def _form_mark() -> Markup:
    return Markup('<input type="hidden" name="form" value="{}">').format(visitor.form_mark())


def _moment(at: datetime) -> str:
    """A time in the shop's own zone, in the reader's language."""
    zone = zone_of(g.visitor.shop.timezone)
    return str(format_datetime(at.astimezone(zone), "d MMM y, HH:mm", rebase=False))


def _in_words(error: HTTPException) -> tuple[str, int]:
    code = error.code or 500
    words, more = _SAID.get(code, _OURS)
    return render_template("merchant/trouble.html", words=words, more=more), code


for _room in _ROOMS:
    visitor.admit(_room)
    _room.register_error_handler(HTTPException, _in_words)
