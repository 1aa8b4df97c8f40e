"""What our own texts say between the shop's name and the way out, in seven languages.

Words are chosen so that no character lies outside GSM 03.38 (which lacks ç, ê, á, í, ó, ú, ã),
rather than robbed of their accents: Portuguese says "use" for a code, Spanish "mensaje final".
Nothing presses: a cart is never said to be reserved, nor time to run out. What an offer is and
when it ends is `{{ offer }}` alone, as `recovery.offer_texts` writes it; German puts it behind
"dazu", which bends none of its words.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SmsWords:
    """The words of one language. `refuse` stands before a link, `reply` is used without one."""

    colon: str
    reply: str
    refuse: str
    sentences: dict[str, str]


def _offered(cart: str, joint: str, plain: str, colon: str = ":") -> str:
    """The cart with its offer; `plain` is said of it when there is none.

    The code stands there, too: not every way back to a checkout takes it along.
    """
    with_offer = f"{joint} {{{{ offer }}}}{{% if code %}} ({{{{ code }}}}){{% endif %}}"
    return f"{cart}{{% if offer %}}{with_offer}{{% else %}}{plain}{{% endif %}}{colon}"


def _promised(thanks: str, plain: str, colon: str = ":") -> str:
    """A reward for this order, with what it takes; `plain` when there is none."""
    return f"{{% if offer %}}{thanks} {{{{ offer }}}}{{% else %}}{plain}{{% endif %}}{colon}"


def _rewarded(thanks: str, following: str, take: str, colon: str = ":") -> str:
    """The code for the next order. Without a code nothing is offered."""
    offer = "{% if offer %}{{ offer }}, {% endif %}"
    code = f" {following} {offer}{take} {{{{ code }}}}{colon}"
    return f"{thanks}{{% if code %}}{code}{{% endif %}}"


WORDS: dict[str, SmsWords] = {
    "en": SmsWords(
        colon=":",
        reply="Reply {{ stop_words }} to opt out",
        refuse="Opt out:",
        sentences={
            "reminder": "your cart is saved:",
            "second": "your cart is still here for you:",
            "last": "our last message about this cart:",
            "calm": "take your time. Your cart is here:",
            "b2b": "a reminder that your selection is saved:",
            "offer": _offered("your cart", " with", " is still here for you"),
            "reward_promise": _promised("with our thanks,", "your cart is still here for you"),
            "reward": _rewarded("thank you for your order!", "For the next one,", "code"),
            "why": "what held you back? Reply 1 shipping cost, 2 account too long, "
            "3 still deciding, 4 no time, 5 other.",
            "reply_shipping": _offered("thank you for your answer. Your cart", " with", ""),
            "reply_account": "thank you for your answer. You can order without an account:",
            "reply_calm": "your cart is here whenever you are ready:",
            "reply_hour": "as you asked, here is your cart:",
            "reply_thanks": "thank you for your answer, it helps us.",
        },
    ),
    # French puts a space before a colon. A plain one: GSM-7 has no narrow and no unbreakable one.
    "fr": SmsWords(
        colon=" :",
        reply="Pour refuser, répondez {{ stop_words }}",
        refuse="Refus :",
        sentences={
            "reminder": "votre panier vous attend :",
            "second": "votre panier est toujours là :",
            "last": "un dernier message sur ce panier :",
            "calm": "prenez votre temps. Votre panier :",
            "b2b": "bonjour, votre sélection est enregistrée :",
            "offer": _offered("votre panier", " avec", " est toujours là", " :"),
            "reward_promise": _promised("en remerciement,", "votre panier est toujours là", " :"),
            "reward": _rewarded("merci de votre commande !", "Pour la suivante,", "code", " :"),
            "why": "qu'est-ce qui vous a retenu ? Répondez 1 frais de port, 2 compte trop long, "
            "3 j'hésite, 4 pas le temps, 5 autre.",
            "reply_shipping": _offered("merci de votre réponse. Votre panier", " avec", "", " :"),
            "reply_account": "merci de votre réponse. Commandez sans créer de compte :",
            "reply_calm": "votre panier est là, quand vous voulez :",
            "reply_hour": "comme convenu, voici votre panier :",
            "reply_thanks": "merci de votre réponse, elle nous aide.",
        },
    ),
    "de": SmsWords(
        colon=":",
        reply="Abmelden: mit {{ stop_words }} antworten",
        refuse="Abmelden:",
        sentences={
            "reminder": "Ihr Warenkorb wartet:",
            "second": "Ihr Warenkorb ist noch für Sie da:",
            "last": "die letzte Nachricht zum Warenkorb:",
            "calm": "in aller Ruhe zu Ihrem Warenkorb:",
            "b2b": "Guten Tag, Ihre Auswahl ist gespeichert:",
            "offer": _offered("Ihr Warenkorb", ", dazu", " ist noch für Sie da"),
            "reward_promise": _promised("als Dank", "Ihr Warenkorb ist noch für Sie da"),
            "reward": _rewarded("danke für Ihre Bestellung!", "Für die nächste:", "Code"),
            "why": "was hielt Sie ab? Antwort per Ziffer: 1 Versandkosten, 2 Konto mühsam, "
            "3 ich überlege, 4 keine Zeit, 5 anderes.",
            "reply_shipping": _offered("danke für Ihre Antwort. Ihr Warenkorb", ", dazu", ""),
            "reply_account": "danke für Ihre Antwort. Sie können ohne Konto bestellen:",
            "reply_calm": "Ihr Warenkorb ist da, wann immer Sie möchten:",
            "reply_hour": "wie gewünscht, hier ist Ihr Warenkorb:",
            "reply_thanks": "danke für Ihre Antwort, sie hilft uns.",
        },
    ),
    "es": SmsWords(
        colon=":",
        reply="Baja: responde {{ stop_words }}",
        refuse="Baja:",
        sentences={
            "reminder": "tu carrito te espera:",
            "second": "seguimos guardando tu carrito:",
            "last": "nuestro mensaje final sobre tu carrito:",
            "calm": "piénsalo con calma. Tu carrito:",
            "b2b": "le recordamos que su carrito sigue guardado:",
            "offer": _offered("tu carrito", " con", " sigue guardado"),
            "reward_promise": _promised("por ser cliente,", "seguimos guardando tu carrito"),
            "reward": _rewarded("¡gracias por tu pedido!", "Para el siguiente,", "usa"),
            "why": "¿qué te hizo dudar? Responde 1 coste de entrega, 2 registro muy largo, "
            "3 lo estoy pensando, 4 sin tiempo, 5 otro motivo.",
            "reply_shipping": _offered("gracias por tu respuesta. Tu carrito", " con", ""),
            "reply_account": "gracias por tu respuesta. Puedes comprar sin crear una cuenta:",
            "reply_calm": "tu carrito te espera para cuando quieras:",
            "reply_hour": "como nos pediste, este es tu carrito:",
            "reply_thanks": "gracias por tu respuesta, nos ayuda mucho.",
        },
    ),
    "it": SmsWords(
        colon=":",
        reply="Per rifiutare rispondi {{ stop_words }}",
        refuse="Stop:",
        sentences={
            "reminder": "il tuo carrello ti aspetta:",
            "second": "il tuo carrello è ancora qui per te:",
            "last": "l'ultimo messaggio sul tuo carrello:",
            "calm": "pensaci con calma. Il tuo carrello:",
            "b2b": "Le ricordiamo che il Suo carrello è salvato:",
            "offer": _offered("il tuo carrello", " con", " è ancora qui per te"),
            "reward_promise": _promised("per ringraziarti,", "il tuo carrello è ancora qui per te"),
            "reward": _rewarded("grazie per il tuo ordine!", "Per il prossimo,", "codice"),
            "why": "che cosa ti ha frenato? Rispondi 1 costo di spedizione, 2 registrazione "
            "lunga, 3 ci penso, 4 poco tempo, 5 altro.",
            "reply_shipping": _offered("grazie della risposta. Il tuo carrello", " con", ""),
            "reply_account": "grazie della risposta. Puoi ordinare senza registrarti:",
            "reply_calm": "il tuo carrello è qui, per quando vorrai:",
            "reply_hour": "come richiesto, ecco il tuo carrello:",
            "reply_thanks": "grazie della risposta, ci è utile.",
        },
    ),
    "nl": SmsWords(
        colon=":",
        reply="Afmelden? Antwoord {{ stop_words }}",
        refuse="Afmelden:",
        sentences={
            "reminder": "je winkelmand wacht op je:",
            "second": "je winkelmand staat nog klaar:",
            "last": "laatste bericht over je winkelmand:",
            "calm": "neem rustig de tijd. Je winkelmand:",
            "b2b": "goedendag, uw winkelmand is bewaard:",
            "offer": _offered("je winkelmand", " met", " staat nog klaar"),
            "reward_promise": _promised("als dank", "je winkelmand staat nog klaar"),
            "reward": _rewarded("bedankt voor je bestelling!", "Voor de volgende:", "code"),
            "why": "wat hield je tegen? Antwoord 1 verzendkosten, 2 account aanmaken te lang, "
            "3 ik twijfel nog, 4 geen tijd, 5 anders.",
            "reply_shipping": _offered("bedankt voor je antwoord. Je winkelmand", " met", ""),
            "reply_account": "bedankt voor je antwoord. Je kunt zonder account bestellen:",
            "reply_calm": "je winkelmand is er, wanneer je maar wilt:",
            "reply_hour": "zoals gevraagd, hier is je winkelmand:",
            "reply_thanks": "bedankt voor je antwoord, dat helpt ons.",
        },
    ),
    # Chosen to be right in Portugal and in Brazil.
    "pt": SmsWords(
        colon=":",
        reply="Para sair responda {{ stop_words }}",
        refuse="Sair:",
        sentences={
            "reminder": "seu carrinho continua guardado:",
            "second": "o seu carrinho continua aqui:",
            "last": "mensagem final sobre o seu carrinho:",
            "calm": "pense com calma. O seu carrinho:",
            "b2b": "lembramos que o seu carrinho continua guardado:",
            "offer": _offered("o seu carrinho", " com", " continua aqui"),
            "reward_promise": _promised("para agradecer,", "o seu carrinho continua aqui"),
            "reward": _rewarded("agradecemos a sua compra!", "Na seguinte,", "use"),
            "why": "o que impediu a sua compra? Responda 1 custo de envio, 2 criar conta demora, "
            "3 quero pensar, 4 sem tempo, 5 outro.",
            "reply_shipping": _offered("agradecemos a resposta. O seu carrinho", " com", ""),
            "reply_account": "agradecemos a resposta. Pode comprar sem criar conta:",
            "reply_calm": "o seu carrinho fica aqui para quando quiser:",
            "reply_hour": "como pediu, aqui vai o seu carrinho:",
            "reply_thanks": "agradecemos a resposta, ela ajuda muito.",
        },
    ),
}
