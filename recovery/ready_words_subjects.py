"""The subjects of our e-mails, in seven languages: Liquid, at most 50 characters when filled.

A subject names an offer, a reward or a code only where there is one.
"""

from __future__ import annotations


def _where(name: str, there: str, otherwise: str) -> str:
    return f"{{% if {name} %}}{there}{{% else %}}{otherwise}{{% endif %}}"


_EN = "Your cart at {{ shop }} is still here"
_FR = "Votre panier chez {{ shop }} est toujours là"
_DE = "Ihr Warenkorb bei {{ shop }} ist noch da"
_ES = "Tu carrito en {{ shop }} sigue aquí"
_IT = "Il tuo carrello da {{ shop }} è ancora qui"
_NL = "Je winkelmand bij {{ shop }} staat nog klaar"
_PT = "Seu carrinho em {{ shop }} continua aqui"

#: Language → kind → subject. What follows an answer has a subject, too, for a fallback.
SUBJECTS: dict[str, dict[str, str]] = {
    "en": {
        "reminder": "Your cart at {{ shop }} is saved",
        "second": _EN,
        "last": "A last word about your cart at {{ shop }}",
        "calm": "Still thinking it over?",
        "b2b": "Your selection at {{ shop }}",
        "offer": _where("offer", "An offer for your cart at {{ shop }}", _EN),
        "reward_promise": _where("offer", "A thank-you from {{ shop }}", _EN),
        "reward": _where(
            "code", "Your code from {{ shop }}", "Thank you for your order at {{ shop }}"
        ),
        "why": "A question about your cart at {{ shop }}",
        "reply_shipping": _where("offer", "An offer for your cart at {{ shop }}", _EN),
        "reply_account": "Order without an account at {{ shop }}",
        "reply_calm": "Your cart, whenever you are ready",
        "reply_hour": "Your cart at {{ shop }}, as you asked",
        "reply_thanks": "Thank you for your answer",
    },
    "fr": {
        "reminder": "Votre panier chez {{ shop }} est enregistré",
        "second": _FR,
        "last": "Un dernier mot sur votre panier",
        "calm": "Vous hésitez encore ?",
        "b2b": "Votre sélection chez {{ shop }}",
        "offer": _where("offer", "Une offre pour votre panier chez {{ shop }}", _FR),
        "reward_promise": _where("offer", "Un merci de la part de {{ shop }}", _FR),
        "reward": _where(
            "code", "Votre code chez {{ shop }}", "Merci de votre commande chez {{ shop }}"
        ),
        "why": "Une question sur votre panier",
        "reply_shipping": _where("offer", "Une offre pour votre panier chez {{ shop }}", _FR),
        "reply_account": "Commander sans compte chez {{ shop }}",
        "reply_calm": "Votre panier, quand vous voulez",
        "reply_hour": "Votre panier chez {{ shop }}, comme convenu",
        "reply_thanks": "Merci de votre réponse",
    },
    "de": {
        "reminder": "Ihr Warenkorb bei {{ shop }} ist gespeichert",
        "second": _DE,
        "last": "Ein letztes Wort zu Ihrem Warenkorb",
        "calm": "Überlegen Sie noch?",
        "b2b": "Ihre Auswahl bei {{ shop }}",
        "offer": _where("offer", "Ein Angebot von {{ shop }} für Sie", _DE),
        "reward_promise": _where("offer", "Ein Dankeschön von {{ shop }}", _DE),
        "reward": _where(
            "code", "Ihr Code von {{ shop }}", "Danke für Ihre Bestellung bei {{ shop }}"
        ),
        "why": "Eine Frage zu Ihrem Warenkorb",
        "reply_shipping": _where("offer", "Ein Angebot von {{ shop }} für Sie", _DE),
        "reply_account": "Ohne Konto bestellen bei {{ shop }}",
        "reply_calm": "Ihr Warenkorb, wann immer Sie möchten",
        "reply_hour": "Wie gewünscht: Ihr Warenkorb bei {{ shop }}",
        "reply_thanks": "Danke für Ihre Antwort",
    },
    "es": {
        "reminder": "Tu carrito en {{ shop }} está guardado",
        "second": _ES,
        "last": "Una última cosa sobre tu carrito",
        "calm": "¿Aún lo estás pensando?",
        "b2b": "Su selección en {{ shop }}",
        "offer": _where("offer", "Una oferta para tu carrito en {{ shop }}", _ES),
        "reward_promise": _where("offer", "{{ shop }} te da las gracias", _ES),
        "reward": _where("code", "Tu código de {{ shop }}", "Gracias por tu pedido en {{ shop }}"),
        "why": "Una pregunta sobre tu carrito",
        "reply_shipping": _where("offer", "Una oferta para tu carrito en {{ shop }}", _ES),
        "reply_account": "Compra sin crear una cuenta en {{ shop }}",
        "reply_calm": "Tu carrito, para cuando quieras",
        "reply_hour": "Como pediste: tu carrito en {{ shop }}",
        "reply_thanks": "Gracias por tu respuesta",
    },
    "it": {
        "reminder": "Il tuo carrello da {{ shop }} è salvato",
        "second": _IT,
        "last": "Un’ultima parola sul tuo carrello",
        "calm": "Ci stai ancora pensando?",
        "b2b": "La Sua selezione da {{ shop }}",
        "offer": _where("offer", "Un’offerta per il tuo carrello da {{ shop }}", _IT),
        "reward_promise": _where("offer", "Un grazie da {{ shop }}", _IT),
        "reward": _where(
            "code", "Il tuo codice da {{ shop }}", "Grazie per il tuo ordine da {{ shop }}"
        ),
        "why": "Una domanda sul tuo carrello",
        "reply_shipping": _where("offer", "Un’offerta per il tuo carrello da {{ shop }}", _IT),
        "reply_account": "Ordina senza registrarti da {{ shop }}",
        "reply_calm": "Il tuo carrello, per quando vorrai",
        "reply_hour": "Come richiesto: il carrello da {{ shop }}",
        "reply_thanks": "Grazie della risposta",
    },
    "nl": {
        "reminder": "Je winkelmand bij {{ shop }} is bewaard",
        "second": _NL,
        "last": "Nog één keer over je winkelmand",
        "calm": "Denk je er nog over na?",
        "b2b": "Uw winkelmand bij {{ shop }}",
        "offer": _where("offer", "Een aanbod voor je winkelmand bij {{ shop }}", _NL),
        "reward_promise": _where("offer", "Een bedankje van {{ shop }}", _NL),
        "reward": _where(
            "code", "Je code van {{ shop }}", "Bedankt voor je bestelling bij {{ shop }}"
        ),
        "why": "Een vraag over je winkelmand",
        "reply_shipping": _where("offer", "Een aanbod voor je winkelmand bij {{ shop }}", _NL),
        "reply_account": "Zonder account bestellen bij {{ shop }}",
        "reply_calm": "Je winkelmand, wanneer je maar wilt",
        "reply_hour": "Zoals gevraagd: je winkelmand bij {{ shop }}",
        "reply_thanks": "Bedankt voor je antwoord",
    },
    "pt": {
        "reminder": "Seu carrinho em {{ shop }} está salvo",
        "second": _PT,
        "last": "Uma última palavra sobre seu carrinho",
        "calm": "Ainda pensando?",
        "b2b": "Sua seleção em {{ shop }}",
        "offer": _where("offer", "Uma oferta para seu carrinho em {{ shop }}", _PT),
        "reward_promise": _where("offer", "Um agradecimento de {{ shop }}", _PT),
        "reward": _where(
            "code", "Seu código em {{ shop }}", "Obrigado pelo seu pedido em {{ shop }}"
        ),
        "why": "Uma pergunta sobre seu carrinho",
        "reply_shipping": _where("offer", "Uma oferta para seu carrinho em {{ shop }}", _PT),
        "reply_account": "Compre sem criar conta em {{ shop }}",
        "reply_calm": "Seu carrinho, para quando quiser",
        "reply_hour": "Como pediu: seu carrinho em {{ shop }}",
        "reply_thanks": "Agradecemos sua resposta",
    },
}
