"""The texts of the default programme: one SMS, seven languages.

Each is one GSM-7 part with a name of 10 characters, a shop of 16, and links on
a host of 13 characters. Words are chosen so that no character lies outside
GSM 03.38 (which lacks ç, ê, á, í, ó), rather than robbed of their accents.
"""

from __future__ import annotations

from recovery.prices import locale_of

_HELLO = " {% if first_name %}{{ first_name }}, {% endif %}"


def _text(sentence: str, reply: str, link: str, colon: str = ":") -> str:
    out = "{% if stop_link %}" + link + " {{ stop_link }}{% else %}" + reply + "{% endif %}"
    return f"{{{{ shop }}}}{colon}{_HELLO}{sentence} {{{{ link }}}} {out}"


# French puts a space before a colon. A plain one: GSM-7 has no narrow and no unbreakable one.
_FRENCH = ("votre panier vous attend :", "Pour refuser, répondez {{ stop_words }}", "Refus :")


DEFAULT_TEXTS = {
    "en": _text("your cart is saved:", "Reply {{ stop_words }} to opt out", "Opt out:"),
    "fr": _text(*_FRENCH, colon=" :"),
    "de": _text("Ihr Warenkorb wartet:", "Abmelden: mit {{ stop_words }} antworten", "Abmelden:"),
    "es": _text("tu carrito te espera:", "Baja: responde {{ stop_words }}", "Baja:"),
    "it": _text("il tuo carrello ti aspetta:", "Per rifiutare rispondi {{ stop_words }}", "Stop:"),
    "nl": _text("je winkelmand wacht op je:", "Afmelden? Antwoord {{ stop_words }}", "Afmelden:"),
    "pt": _text("seu carrinho continua guardado:", "Para sair responda {{ stop_words }}", "Sair:"),
}


def default_text(locale: str | None, shop_locale: str | None = None) -> tuple[str, str]:
    """The default template for a shopper's locale, and the language it is in.

    A language we have no text for gets the shop's, and failing that English.
    """
    for name in (locale, shop_locale):
        language = locale_of(name).language if name else ""
        if language in DEFAULT_TEXTS and (language != "en" or _is_english(name)):
            return DEFAULT_TEXTS[language], language
    return DEFAULT_TEXTS["en"], "en"


def _is_english(name: str | None) -> bool:
    """`locale_of` answers English for rubbish too; here the shop's language comes first."""
    return (name or "").strip().lower()[:2] == "en"
