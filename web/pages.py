"""What every page carries: headers that keep browsers careful, and plain error pages."""

from __future__ import annotations

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from web.words import LANGUAGES, translated

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'self'; style-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
}
_WORDS = {
    404: "There is nothing at this address.",
    405: "This address cannot be used that way.",
    413: "That is more than we take at once.",
}


def dress(app: Flask) -> None:
    """Give every answer of `app` its headers, and every HTTP error a page."""

    @app.after_request
    def careful(response: Response) -> Response:
        if request.path.startswith("/hooks/"):
            return response  # read by machines, which come in floods
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    @app.context_processor
    def language() -> dict[str, object]:
        spoken = request.accept_languages.best_match(LANGUAGES, default="en")
        return {"lang": spoken, "_t": lambda text: translated(text, spoken)}

    @app.errorhandler(HTTPException)
    def in_words(error: HTTPException) -> tuple[str, int]:
        code = error.code or 500
        words = _WORDS.get(code, "Something went wrong on our side. Please try again.")
        return render_template("words.html", words=words), code
