"""The few words of our link pages, in the languages that shoppers read."""

from __future__ import annotations

LANGUAGES = ("en", "fr")

_FRENCH = {
    "This link leads nowhere.": "Ce lien ne mène nulle part.",
    "Perhaps a part of it was cut off. Please open it from the message again.": (
        "Il en manque peut-être une partie. Rouvrez-le depuis le message."
    ),
    "This cart is no longer kept.": "Ce panier n’est plus conservé.",
    "The link has ended. What you want may still be there:": (
        "Le lien a expiré. Vos articles sont peut-être encore en boutique :"
    ),
    "Go to the shop": "Aller à la boutique",
    "This cart was ordered already.": "Ce panier a déjà été commandé.",
    "Nothing more is needed. Thank you!": "Il n’y a plus rien à faire. Merci !",
    "No more texts from this shop?": "Ne plus recevoir de SMS de cette boutique ?",
    "Press the button and no further reminder is sent to your number.": (
        "Appuyez sur le bouton : plus aucun rappel ne sera envoyé à votre numéro."
    ),
    "Stop the texts": "Arrêter les SMS",
    "Done. No more texts from this shop.": "C’est fait. Plus de SMS de cette boutique.",
    "It holds from now on. You may close this page.": (
        "C’est valable dès maintenant. Vous pouvez fermer cette page."
    ),
}
_WORDS = {"fr": _FRENCH}


def translated(text: str, language: str) -> str:
    """The text in that language; in English where we have no better one."""
    return _WORDS.get(language, {}).get(text, text)
