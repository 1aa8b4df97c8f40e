"""The page at `/`, for whoever opens our address: what this is, and where to go."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, g, render_template, request
from sqlalchemy.exc import SQLAlchemyError

from recovery import shops
from web.tools import tools

blueprint = Blueprint("front", __name__)
_SANDBOX = "sandbox"  # the platform, and the key that it is seeded with
_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})


@blueprint.get("/")
def front() -> str:
    """What this is, that it runs, how to go on. Nobody's name, no shop but the sandbox."""
    g.forms_lead = " https: http:"  # a form here ends at a shop of the reader's choice
    return render_template("front.html", sandbox=_sandbox())


def _sandbox() -> str | None:
    """Where the sandbox shop is; None without one, or for a browser on another machine.

    The sandbox listens on this machine alone, so elsewhere its address leads nowhere.
    """
    if urlsplit(request.host_url).hostname not in _THIS_MACHINE:
        return None
    try:
        with tools().database.reading() as db:
            shop = shops.by_key(db, _SANDBOX)
    except SQLAlchemyError:
        return None  # this page is up all the same; /readyz tells of the database
    if shop is None or shop.platform != _SANDBOX or shop.state != "active":
        return None
    return shop.address
