"""What happens because somebody asks: webhooks, links, installs, signs of life."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from settings import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The web application; a server that starts it without settings reads them here.

    Raises `settings.BadSettings`; `moment.NotMovable` beside a real shop.
    """
    # Here, because gunicorn's master imports this package for `web.serving` and serves nothing.
    from web.application import make

    return make(settings)
