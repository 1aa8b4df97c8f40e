"""Every cart of a shop: listed newest first, searched by what a merchant knows of it.

What is typed may name a person, so it is sent in a form's body and stands in no address: the
pages of a search are forms, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from recovery import cart_life, cart_search
from recovery.cart_search import Asked, Place
from recovery.report_rows import zone_of
from web.merchant import carts_words
from web.merchant.visitor import visitor
from web.tools import tools

blueprint = Blueprint("carts", __name__, url_prefix="/carts")

_FIELDS = ("typed", "state", "since", "until")
STATES = (
    ("", _l("All")),
    *((state, carts_words.STATES[state]) for state in cart_search.STATES),
)


@blueprint.get("/")
def carts() -> str:
    """The newest carts."""
    return _page({})


@blueprint.post("/")
def find() -> ResponseReturnValue:
    """What was looked for, or the next page of it."""
    typed = {name: request.form.get(name, "").strip() for name in _FIELDS}
    errors = {name: str(_DATE) for name in ("since", "until") if not _is_day(typed[name])}
    if typed["state"] not in dict(STATES):
        typed["state"] = ""
    if errors:
        return _page(typed, errors), 422
    return _page(typed)


_DATE = _l("A day is written like 2026-11-20.")


def _page(typed: Mapping[str, str], errors: Mapping[str, str] | None = None) -> str:
    shop, after = visitor().shop, _place(request.form.get("after", ""))
    with tools().database.reading() as db:
        found = cart_search.Found()
        if not errors:
            found = cart_search.find(db, shop, _asked(typed), after)
        last = cart_life.latest_of(db, found.rows)
    return render_template(
        "merchant/carts.html",
        carts=found.rows,
        last=last,
        more=_written(found.more),
        is_first=after is None,
        typed={name: typed.get(name, "") for name in _FIELDS},
        is_search=any(typed.values()),
        errors=errors or {},
        states=STATES,
        w=carts_words,
    )


def _asked(typed: Mapping[str, str]) -> Asked:
    since, until = (_day(typed.get(name, "")) for name in ("since", "until"))
    after = None if until is None else until + timedelta(days=1)
    return Asked(typed.get("typed", ""), typed.get("state", ""), _begin(since), _begin(after))


def _is_day(text: str) -> bool:
    try:
        _day(text)
    except ValueError:
        return False
    return True


def _day(text: str) -> datetime | None:
    """The day that is meant; None where none is asked for. Raises ValueError."""
    if not text:
        return None
    found = datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 - it gets the shop's zone
    if not 2000 <= found.year <= 9000:
        raise ValueError("a year that no cart is of")
    return found


def _begin(day: datetime | None) -> datetime | None:
    """When that day begins in the shop's zone."""
    if day is None:
        return None
    zone = zone_of(visitor().shop.timezone)
    return datetime.combine(day.date(), time(), zone).astimezone(UTC)


def _written(place: Place | None) -> str:
    return "" if place is None else f"{place[0].isoformat()}|{place[1]}"


def _place(text: str) -> Place | None:
    at, _between, number = text.partition("|")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    known = moment.tzinfo is not None and number.isascii() and number.isdecimal()
    return (moment.astimezone(UTC), int(number)) if known and len(number) < 19 else None


from web.merchant import carts_one  # noqa: E402, F401 - the views of one cart, on this blueprint
