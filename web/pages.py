"""What every page carries: headers that keep browsers careful, and plain error pages."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, render_template, request
from werkzeug.exceptions import HTTPException

from web.words import LANGUAGES, translated

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
# Pictures of products lie at the shop's, wherever that keeps them.
_POLICY = (
    "default-src 'self'; script-src 'nonce-{nonce}'{scripts}; style-src 'self'; "
    "img-src 'self' {pictures} data:; form-action 'self'{forms}; frame-ancestors {framed_by}; "
    "object-src 'none'; base-uri 'none'"
)
_WORDS = {
    404: "There is nothing at this address.",
    405: "This address cannot be used that way.",
    413: "That is more than we take at once.",
}


def nonce() -> str:
    """What a script tag of this answer must bear to be run."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def dress(app: Flask, is_https: bool = False) -> None:
    """Give every answer of `app` its headers, and every HTTP error a page."""

    @app.after_request
    def careful(response: Response) -> Response:
        if request.path.startswith("/hooks/"):
            return response  # read by machines, which come in floods
        here, where = request.host_url, response.location or ""
        if where.startswith(here) and where[len(here) : len(here) + 1] not in ("/", "\\"):
            # Werkzeug takes the host from the request: behind a proxy that may be our inner one.
            response.location = where[len(here) - 1 :]
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        policy = _POLICY.format(
            nonce=nonce(),
            framed_by=g.get("framed_by", "'none'"),
            scripts=g.get("further_scripts", ""),
            forms=g.get("forms_lead", ""),
            # By https pictures come so, too; the sandbox on one's own machine has only http.
            pictures="https:" if is_https else "https: http:",
        )
        response.headers.setdefault("Content-Security-Policy", policy)
        if is_https:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response

    @app.context_processor
    def language() -> dict[str, object]:
        spoken = request.accept_languages.best_match(LANGUAGES, default="en")
        words = {"lang": spoken, "_t": lambda text: translated(text, spoken)}
        return words | {"nonce": nonce}

    @app.errorhandler(HTTPException)
    def in_words(error: HTTPException) -> tuple[str, int]:
        code = error.code or 500
        words = _WORDS.get(code, "Something went wrong on our side. Please try again.")
        return render_template("words.html", words=words), code
