"""The few words of our pages, in the languages that people read."""

from __future__ import annotations

from flask import request

from web.plugin_words import FRENCH

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
    "Your cart is at another address.": "Votre panier est à une autre adresse.",
    "It is kept at:": "Il se trouve à :",
    "Go there": "Y aller",
    "This cart was ordered already.": "Ce panier a déjà été commandé.",
    "Nothing more is needed. Thank you!": "Il n’y a plus rien à faire. Merci !",
    "No more texts from this shop?": "Ne plus recevoir de SMS de cette boutique ?",
    "Press the button and no further reminder is sent to your number.": (
        "Appuyez sur le bouton : plus aucun rappel ne sera envoyé à votre numéro."
    ),
    "Stop the texts": "Arrêter les SMS",
    "No more e-mails from this shop?": "Ne plus recevoir d’e-mails de cette boutique ?",
    "Press the button and no further reminder is sent to your address.": (
        "Appuyez sur le bouton : plus aucun rappel ne sera envoyé à votre adresse."
    ),
    "Stop the e-mails": "Arrêter les e-mails",
    "Done. No more e-mails from this shop.": "C’est fait. Plus d’e-mails de cette boutique.",
    "Done. No more texts from this shop.": "C’est fait. Plus de SMS de cette boutique.",
    "It holds from now on. You may close this page.": (
        "C’est valable dès maintenant. Vous pouvez fermer cette page."
    ),
    "It brings back carts that were left behind.": "Les paniers abandonnés reviennent.",
    "Somebody fills a cart in an online shop and leaves. Who agreed to it gets one text with "
    "a link that brings the cart back.": (
        "Quelqu’un remplit un panier dans une boutique en ligne et s’en va. S’il l’a accepté, "
        "il reçoit un SMS avec un lien qui ramène le panier."
    ),
    "This server runs. Whether all its parts work:": (
        "Ce serveur est en marche. Pour savoir si tout fonctionne :"
    ),
    "Try it": "Essayer",
    "Open the sandbox shop": "Ouvrir la boutique d’essai",
    "See only its phone": "Voir seulement son téléphone",
    "Connect a shop": "Connecter une boutique",
    "The part “Connect a real shop” of README.md says, step by step, what this server and your "
    "shop need before.": (
        "La partie « Connect a real shop » de README.md dit, pas à pas, ce qu’il faut avant à ce "
        "serveur et à votre boutique."
    ),
    "Your shop's address": "L’adresse de votre boutique",
    "You go to your own shop, which asks whether it may give us keys, and come back.": (
        "Vous allez sur votre propre boutique, qui demande si elle peut nous donner des clés, "
        "puis vous revenez."
    ),
    "You go to Shopify, which asks whether we may, and come back.": (
        "Vous allez chez Shopify, qui vous demande votre accord, puis vous revenez."
    ),
    "Connect WooCommerce": "Connecter WooCommerce",
    "Connect Shopify": "Connecter Shopify",
    "Back": "Retour",
}
_WORDS = {"fr": _FRENCH | FRENCH}


def translated(text: str, language: str) -> str:
    """The text in that language; in English where we have no better one."""
    return _WORDS.get(language, {}).get(text, text)


def in_our_language(text: str) -> str:
    """The text in the language that the request asks for, as far as we speak it."""
    return translated(text, request.accept_languages.best_match(LANGUAGES, default="en"))
