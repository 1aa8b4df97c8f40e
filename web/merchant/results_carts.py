"""The carts behind a figure of the results."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import abort, current_app, render_template, request, url_for

from recovery import counting, figure_carts
from recovery.counted import By
from recovery.reasons import Reason
from recovery.report_rows import zone_of
from web.merchant import figures
from web.merchant import results_words as words
from web.merchant.results import blueprint
from web.merchant.visitor import visitor
from web.tools import tools

_ONE_CART = "carts.cart"


@blueprint.get("/carts")
def carts() -> str:
    """Which carts a figure counts, or the carts whose messages it counts."""
    asked, given = figures.asked(), request.args
    zone = zone_of(visitor().shop.timezone)
    since, until = asked.period.since(zone), asked.period.until(zone)
    figure, value = given.get("figure", "carts"), given.get("value", "")
    by = _by(given.get("by", ""))
    span = (since, min(until, _before(given.get("before", ""), until)))
    try:
        with tools().database.reading() as db:
            counting.zone_of(db, visitor().shop.id)
            found = figure_carts.behind(db, visitor().shop.id, span, figure, by, value)
    except LookupError:
        abort(404)
    return render_template(
        "merchant/results_carts.html",
        asked=asked,
        found=found,
        title=_title(figure, by, value),
        link=_link,
        further=_further(found.before),
        money=words.money,
        number=words.number,
    )


def _by(name: str) -> By | None:
    if name and name not in set(By):
        abort(404)
    return By(name) if name else None


def _before(text: str, until: datetime) -> datetime:
    if not text:
        return until
    if not (text.isdecimal() and text.isascii() and len(text) <= 16):
        abort(404)
    return datetime.fromtimestamp(int(text) / 1e6, UTC)


def _further(before: datetime | None) -> str | None:
    if before is None:
        return None
    kept: dict[str, Any] = {name: each for name, each in request.args.items() if name != "before"}
    return url_for("results.carts", **kept, before=round(before.timestamp() * 1e6))


def _title(figure: str, by: By | None, value: str) -> str:
    if figure in list(Reason):
        name = words.reason(Reason(figure))
    else:
        name = str(words.STAGES.get(figure) or words.FATES.get(figure, figure))
    return f"{name} · {words.HEADS[by]}: {words.value_of(by, value)}" if by else name


def _link(cart_id: int) -> str | None:
    """The cart's own page, where there is one."""
    if _ONE_CART not in current_app.view_functions:
        return None
    return url_for(_ONE_CART, cart_id=cart_id)
