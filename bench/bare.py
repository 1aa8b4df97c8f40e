"""The anchor of `intake`: a bare Flask view that answers 200, under the same server."""

from __future__ import annotations

from flask import Flask


def create_app() -> Flask:
    """One view that looks at nothing."""
    app = Flask(__name__)

    @app.post("/hooks/shopify")
    def hook() -> str:
        return "stored"

    @app.get("/healthz")
    def healthz() -> str:
        return "up"

    return app
