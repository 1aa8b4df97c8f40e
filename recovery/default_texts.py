"""Which of our own texts a shopper gets: of the kind that a step names, in their language."""

from __future__ import annotations

from recovery.prices import locale_of
from recovery.ready_texts import TEXTS

#: The first text of a programme, by language.
DEFAULT_TEXTS = TEXTS["reminder"]


def default_text(locale: str | None, shop_locale: str | None = None) -> tuple[str, str]:
    """`ready_text` for a first reminder."""
    return ready_text("reminder", locale, shop_locale)


def ready_text(kind: str, locale: str | None, shop_locale: str | None = None) -> tuple[str, str]:
    """Our SMS of that kind for a shopper's locale, as a template, and the language it is in.

    A language we have no text for gets the shop's, and failing that English. Raises KeyError
    for a kind that is not in `ready_texts.KINDS`.
    """
    by_language = TEXTS[kind]
    for name in (locale, shop_locale):
        language = locale_of(name).language if name else ""
        if language in by_language and (language != "en" or _is_english(name)):
            return by_language[language], language
    return by_language["en"], "en"


def _is_english(name: str | None) -> bool:
    """`locale_of` answers English for rubbish too; here the shop's language comes first."""
    return (name or "").strip().lower()[:2] == "en"
