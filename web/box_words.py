"""What the box says after it was sent, in the shopper's language."""

from __future__ import annotations

_ENGLISH = {
    "noted": "Noted. Each message says how to stop.",
    "noted_without_cart": (
        "Noted. Your cart is still empty, so there is none to keep: ask again when "
        "something is in it."
    ),
    "empty_cart": "Your cart is still empty. Put something in, then ask again.",
    "nothing": "Please tick what we may text you about.",
    "phone": "This phone number is not complete, or not of the country beside it.",
    "landline": "This is no mobile number of the country beside it. Please check both.",
    "too_often": "That is too often. Please try again later.",
    "too_long": "That is more than this form takes.",
    "odd": "This form could not be read. Please load the page again.",
    "again": "This was received already.",
    "forged": "This form is too old. Please load the page again.",
}
_FRENCH = {
    "noted": "C’est noté. Chaque message dit comment arrêter.",
    "noted_without_cart": (
        "C’est noté. Votre panier est encore vide, il n’y a donc rien à garder : "
        "redemandez-le quand il contiendra un article."
    ),
    "empty_cart": "Votre panier est encore vide. Ajoutez un article, puis redemandez-le.",
    "nothing": "Cochez ce pour quoi nous pouvons vous écrire.",
    "phone": "Ce numéro n’est pas complet, ou n’est pas du pays indiqué à côté.",
    "landline": "Ce n’est pas un numéro de mobile du pays indiqué à côté. Vérifiez les deux.",
    "too_often": "C’est trop souvent. Réessayez plus tard.",
    "too_long": "C’est plus que ce que ce formulaire accepte.",
    "odd": "Ce formulaire n’a pas pu être lu. Rechargez la page.",
    "again": "Nous l’avons déjà reçu.",
    "forged": "Ce formulaire est trop ancien. Rechargez la page.",
}
_WORDS = {"en": _ENGLISH, "fr": _FRENCH}


def box_words(what: str, language: str) -> str:
    """The answer called `what`, in English where we speak no better."""
    return _WORDS.get(language, _ENGLISH)[what]
