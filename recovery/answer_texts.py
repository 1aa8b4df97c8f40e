"""The words of texts that answer a request: seven languages, one part each.

None of them is marketing but "welcome", which has a leave and hours of its own (`welcome`).

No merchant writes these yet, so they are no Liquid. Words are chosen so that no character
lies outside GSM 03.38 (which lacks ç, ê, á, í, ó, ú, ã). What comes from outside (the
shop's name, an order's, a product's) is cleaned like the names of a reminder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from recovery.prices import locale_of
from recovery.sms_parts import GSM_7, parts_of
from recovery.wording import LONGEST_NAME, LONGEST_TITLE, SHORTEST_TITLE, clean

LONGEST_LINK = 90  # characters of a tracking address; a longer one is left out
_PLAIN_LINK = re.compile(r"https://[A-Za-z0-9.-]+(:\d+)?(/[!-~]*)?")
_YES = {"en": "YES", "fr": "OUI", "de": "JA", "es": "SI", "it": "SI", "nl": "JA", "pt": "SIM"}

#: Language → (colon, way out by reply, way out by link, text by name). `{}` is the order's
#: name, the product's title, the shop's code, or the word that says yes.
WORDS: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "en": (
        ":",
        "Reply STOP to opt out",
        "Opt out:",
        {
            "opt_in": "you asked for texts at this number. Reply {} to get them. Not you? Ignore.",
            "confirmed": "we have your order {}. Thank you!",
            "shipped": "your order {} is on its way.",
            "out_for_delivery": "your order {} is out for delivery today.",
            "refunded": "a refund was made for your order {}.",
            "back_in_stock": "{} is back in stock:",
            "price_drop": "{} costs less now:",
            "welcome": "welcome! Use your code {} at",
        },
    ),
    "fr": (
        " :",
        "Pour refuser, répondez STOP",
        "Refus :",
        {
            "opt_in": "vous avez demandé nos SMS. Répondez {} pour les recevoir, sinon ignorez.",
            "confirmed": "votre commande {} est bien enregistrée. Merci !",
            "shipped": "votre commande {} est partie.",
            "out_for_delivery": "votre commande {} arrive aujourd'hui.",
            "refunded": "votre commande {} a fait l'objet d'un remboursement.",
            "back_in_stock": "{} est de retour :",
            "price_drop": "{} est moins cher maintenant :",
            "welcome": "bienvenue ! Votre code {} s'utilise sur",
        },
    ),
    "de": (
        ":",
        "Abmelden: mit STOP antworten",
        "Abmelden:",
        {
            "opt_in": "Sie möchten SMS von uns? Mit {} bestätigen. Sonst einfach ignorieren.",
            "confirmed": "Ihre Bestellung {} ist eingegangen. Danke!",
            "shipped": "Ihre Bestellung {} ist unterwegs.",
            "out_for_delivery": "Ihre Bestellung {} kommt heute.",
            "refunded": "zu Ihrer Bestellung {} gab es eine Erstattung.",
            "back_in_stock": "{} ist wieder da:",
            "price_drop": "{} kostet jetzt weniger:",
            "welcome": "willkommen! Ihr Code {} gilt auf",
        },
    ),
    "es": (
        ":",
        "Baja: responde STOP",
        "Baja:",
        {
            "opt_in": "¿quieres recibir nuestros SMS? Responde {}. Si no los pediste, ignora esto.",
            "confirmed": "hemos recibido tu pedido {}. ¡Gracias!",
            "shipped": "tu pedido {} va en camino.",
            "out_for_delivery": "tu pedido {} llega hoy.",
            "refunded": "hay un reembolso de tu pedido {}.",
            "back_in_stock": "{} vuelve a estar disponible:",
            "price_drop": "{} cuesta menos ahora:",
            "welcome": "¡hola! Usa {} en",
        },
    ),
    "it": (
        ":",
        "Per rifiutare rispondi STOP",
        "Stop:",
        {
            "opt_in": "vuoi ricevere i nostri SMS? Rispondi {}. Se non li hai chiesti, ignora.",
            "confirmed": "abbiamo ricevuto il tuo ordine {}. Grazie!",
            "shipped": "il tuo ordine {} è partito.",
            "out_for_delivery": "il tuo ordine {} arriva oggi.",
            "refunded": "c'è un rimborso per il tuo ordine {}.",
            "back_in_stock": "{} è di nuovo disponibile:",
            "price_drop": "{} ora costa meno:",
            "welcome": "ciao! Usa il tuo codice {} su",
        },
    ),
    "nl": (
        ":",
        "Afmelden? Antwoord STOP",
        "Afmelden:",
        {
            "opt_in": "je vroeg om onze sms'jes. Antwoord {} om ze te krijgen. Niet jij? Negeer.",
            "confirmed": "we hebben je bestelling {} ontvangen. Dank je!",
            "shipped": "je bestelling {} is onderweg.",
            "out_for_delivery": "je bestelling {} komt vandaag.",
            "refunded": "er is een terugbetaling voor je bestelling {}.",
            "back_in_stock": "{} is er weer:",
            "price_drop": "{} kost nu minder:",
            "welcome": "welkom! Gebruik je code {} op",
        },
    ),
    "pt": (
        ":",
        "Para sair responda STOP",
        "Sair:",
        {
            "opt_in": "quer receber os nossos SMS? Responda {}. Se nada pediu, ignore isto.",
            "confirmed": "recebemos o seu pedido {}. Obrigado!",
            "shipped": "o seu pedido {} foi enviado.",
            "out_for_delivery": "o seu pedido {} chega hoje.",
            "refunded": "houve um reembolso do seu pedido {}.",
            "back_in_stock": "{} voltou:",
            "price_drop": "{} agora custa menos:",
            "welcome": "boas-vindas! Use {} em",
        },
    ),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What one text says. `about` is the order's name, the product's title or the code."""

    name: str  # one of the texts in `WORDS`
    shop: str
    locales: tuple[str | None, ...]  # the shopper's, the shop's
    about: str = ""
    link: str | None = None
    link_is_needed: bool = False  # else it is left out where it would cost a second part
    code: str | None = None  # what `about` is, then: never cut, and checked before it leaves


def text_of(answer: Answer, stop_link: str = "") -> str:
    """The text in the shopper's language; the way out is a reply, or `stop_link`.

    A long title is cut, none below 8 characters, so that it fits into one part.
    """
    full = _written(answer, stop_link, LONGEST_TITLE)
    if answer.link and not answer.link_is_needed and _costs_more(full, answer, stop_link):
        return _written(answer, stop_link, LONGEST_TITLE, without_link=True)
    if parts_of(full).parts <= 1 or answer.code:
        return full
    fitting = (
        text
        for longest in range(min(len(answer.about), LONGEST_TITLE), SHORTEST_TITLE - 1, -1)
        if parts_of(text := _written(answer, stop_link, longest)).parts <= 1
    )
    return next(fitting, full)


def tracking_link(address: str | None) -> str | None:
    """A parcel's address as it was given, when it is https, plain, and short enough."""
    fits = address and len(address) <= LONGEST_LINK and _PLAIN_LINK.fullmatch(address)
    return address if fits else None


def language_of(locales: tuple[str | None, ...]) -> str:
    """The first of these locales' languages that we write in, else English."""
    for name in locales:
        language = locale_of(name).language if name else ""
        is_said = language != "en" or (name or "").strip().lower().startswith("en")
        if language in WORDS and is_said:
            return language
    return "en"


def _costs_more(full: str, answer: Answer, stop_link: str) -> bool:
    weighed = parts_of(full)
    if weighed.encoding == GSM_7:
        return weighed.parts > 1
    # Another script takes several parts anyway: one more for the link, no more.
    bare = parts_of(_written(answer, stop_link, LONGEST_TITLE, without_link=True))
    return weighed.parts > bare.parts + 1


def _written(answer: Answer, stop_link: str, longest: int, without_link: bool = False) -> str:
    language = language_of(answer.locales)
    colon, by_reply, by_link, texts = WORDS[language]
    about = _YES[language] if answer.name == "opt_in" else clean(answer.about, longest)
    words = [f"{clean(answer.shop, LONGEST_NAME)}{colon}", texts[answer.name].replace("{}", about)]
    if answer.link and not without_link:
        words.append(answer.link)
    words.append(f"{by_link} {stop_link}" if stop_link else by_reply)
    return " ".join(words)
