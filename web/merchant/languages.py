"""The merchant's pages in French and English: which one, and the texts.

The texts are kept in `web/translations/<language>/*.po` and read as they are, so nothing has to
be compiled.
"""

from __future__ import annotations

import io
from functools import cache

from babel.messages.mofile import write_mo
from babel.support import NullTranslations, Translations
from flask import Flask, g, request
from flask_babel import Babel, Domain, get_locale

from web.merchant.catalogue import translated
from web.words import LANGUAGES


class Texts(Domain):  # type: ignore[misc]
    """The catalogue of the language that is spoken; English needs none."""

    def get_translations(self) -> NullTranslations:
        """What Flask-Babel asks of a domain."""
        locale = get_locale()
        return texts_of("en" if locale is None else locale.language)


@cache
def texts_of(language: str) -> NullTranslations:
    """The texts in that language, by the English ones."""
    catalogue = translated(language)
    if not len(catalogue):
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def speak(app: Flask) -> None:
    """Let the pages of `app` speak the visitor's language."""
    Babel(app, locale_selector=_spoken)
    texts = Texts()
    app.before_request(texts.as_default)


def _spoken() -> str:
    visitor = g.get("visitor")
    chosen = visitor.member.language if visitor is not None else ""
    return chosen or request.accept_languages.best_match(LANGUAGES, default="en") or "en"
