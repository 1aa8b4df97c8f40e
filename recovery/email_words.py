"""The words of our e-mails, in seven languages.

`reminder`, `calm` and `last` are the kinds that `programme_form.Step.words` names. None says
that goods are reserved or that time runs out: nothing here knows that.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    """One kind of reminder. `{shop}` may stand in the subject and the opening."""

    subject: str
    headline: str
    opening: str


@dataclass(frozen=True, slots=True)
class EmailWords:
    """All that is the same in every e-mail of a language; braces name what is put in."""

    hello: str
    hello_nobody: str
    button: str
    quantity: str
    more: str
    total: str
    off: str
    free_shipping: str
    code: str
    minimum: str
    until: str
    until_day: str
    goes_with: str
    why: str
    stop: str
    letters: dict[str, Letter]


WORDS = {
    "en": EmailWords(
        hello="Hello {name},",
        hello_nobody="Hello,",
        button="Back to my cart",
        quantity="Quantity: {n}",
        more="and {n} more",
        total="Total",
        off="{what} off this order",
        free_shipping="Free shipping on this order",
        code="Code {code}, applied by the button",
        minimum="From {amount}",
        until="Until {when}",
        until_day="Until {when}",
        goes_with="Goes well with it",
        why="You receive this e-mail because you left a cart at {shop}.",
        stop="Unsubscribe",
        letters={
            "reminder": Letter(
                "Your cart at {shop} is saved",
                "Your cart is saved",
                "You left something behind. It is all still in your cart, whenever you are ready.",
            ),
            "calm": Letter(
                "Still thinking it over?",
                "Take your time",
                "A good choice can wait. Your cart at {shop} is as you left it; if you have a "
                "question, just reply to this e-mail.",
            ),
            "last": Letter(
                "A last word about your cart at {shop}",
                "One last reminder",
                "This is our last message about this cart. If you still want it, it is one "
                "click away.",
            ),
        },
    ),
    "fr": EmailWords(
        hello="Bonjour {name},",
        hello_nobody="Bonjour,",
        button="Retrouver mon panier",
        quantity="Quantité : {n}",
        more="et {n} de plus",
        total="Total",
        off="{what} de remise sur cette commande",
        free_shipping="Livraison offerte sur cette commande",
        code="Code {code}, appliqué par le bouton",
        minimum="À partir de {amount}",
        until="Jusqu’au {when}",
        until_day="Jusqu’au {when}",
        goes_with="Ils vont bien ensemble",
        why="Vous recevez cet e-mail parce que vous avez laissé un panier chez {shop}.",
        stop="Se désabonner",
        letters={
            "reminder": Letter(
                "Votre panier chez {shop} est enregistré",
                "Votre panier vous attend",
                "Vous avez laissé quelques articles. Ils sont toujours dans votre panier, "
                "quand vous le souhaitez.",
            ),
            "calm": Letter(
                "Vous hésitez encore ?",
                "Prenez votre temps",
                "Un bon choix peut attendre. Votre panier chez {shop} est tel que vous l’avez "
                "laissé ; pour toute question, répondez simplement à cet e-mail.",
            ),
            "last": Letter(
                "Un dernier mot sur votre panier chez {shop}",
                "Un dernier rappel",
                "C’est notre dernier message au sujet de ce panier. Si vous le souhaitez "
                "encore, il est à un clic.",
            ),
        },
    ),
    "de": EmailWords(
        hello="Guten Tag {name},",
        hello_nobody="Guten Tag,",
        button="Zurück zum Warenkorb",
        quantity="Menge: {n}",
        more="und {n} weitere",
        total="Summe",
        off="{what} Rabatt auf diese Bestellung",
        free_shipping="Kostenloser Versand für diese Bestellung",
        code="Code {code}, durch den Knopf schon eingelöst",
        minimum="Ab {amount}",
        until="Bis {when}",
        until_day="Bis {when}",
        goes_with="Das passt dazu",
        why="Sie erhalten diese E-Mail, weil Sie bei {shop} einen Warenkorb zurückgelassen haben.",
        stop="Abmelden",
        letters={
            "reminder": Letter(
                "Ihr Warenkorb bei {shop} ist gespeichert",
                "Ihr Warenkorb wartet",
                "Sie haben etwas zurückgelassen. Es liegt noch alles in Ihrem Warenkorb, "
                "wann immer Sie möchten.",
            ),
            "calm": Letter(
                "Überlegen Sie noch?",
                "Lassen Sie sich Zeit",
                "Eine gute Wahl darf dauern. Ihr Warenkorb bei {shop} ist, wie Sie ihn "
                "verlassen haben; bei Fragen antworten Sie einfach auf diese E-Mail.",
            ),
            "last": Letter(
                "Ein letztes Wort zu Ihrem Warenkorb bei {shop}",
                "Eine letzte Erinnerung",
                "Das ist unsere letzte Nachricht zu diesem Warenkorb. Wenn Sie ihn noch "
                "möchten, ist er einen Klick entfernt.",
            ),
        },
    ),
    "es": EmailWords(
        hello="Hola, {name}:",
        hello_nobody="Hola:",
        button="Volver a mi carrito",
        quantity="Cantidad: {n}",
        more="y {n} más",
        total="Total",
        off="{what} de descuento en este pedido",
        free_shipping="Envío gratis en este pedido",
        code="Código {code}, el botón ya lo aplica",
        minimum="A partir de {amount}",
        until="Hasta el {when}",
        until_day="Hasta el {when}",
        goes_with="Combina bien con",
        why="Recibes este correo porque dejaste un carrito en {shop}.",
        stop="Darme de baja",
        letters={
            "reminder": Letter(
                "Tu carrito en {shop} está guardado",
                "Tu carrito te espera",
                "Te dejaste algo. Sigue todo en tu carrito, para cuando quieras.",
            ),
            "calm": Letter(
                "¿Aún lo estás pensando?",
                "Tómate tu tiempo",
                "Una buena elección puede esperar. Tu carrito en {shop} está tal como lo "
                "dejaste; si tienes alguna pregunta, responde a este correo.",
            ),
            "last": Letter(
                "Una última cosa sobre tu carrito en {shop}",
                "Un último recordatorio",
                "Este es nuestro último mensaje sobre este carrito. Si todavía lo quieres, "
                "está a un clic.",
            ),
        },
    ),
    "it": EmailWords(
        hello="Ciao {name},",
        hello_nobody="Ciao,",
        button="Torna al carrello",
        quantity="Quantità: {n}",
        more="e altri {n}",
        total="Totale",
        off="{what} di sconto su questo ordine",
        free_shipping="Spedizione gratuita per questo ordine",
        code="Codice {code}, applicato dal pulsante",
        minimum="A partire da {amount}",
        until="Fino a {when}",
        until_day="Fino a {when}",
        goes_with="Sta bene con",
        why="Ricevi questa e-mail perché hai lasciato un carrello da {shop}.",
        stop="Annulla l’iscrizione",
        letters={
            "reminder": Letter(
                "Il tuo carrello da {shop} è salvato",
                "Il tuo carrello ti aspetta",
                "Hai lasciato qualcosa. È ancora tutto nel carrello, quando vuoi.",
            ),
            "calm": Letter(
                "Ci stai ancora pensando?",
                "Prenditi il tuo tempo",
                "Una buona scelta può aspettare. Il tuo carrello da {shop} è come l’hai "
                "lasciato; se hai una domanda, rispondi a questa e-mail.",
            ),
            "last": Letter(
                "Un’ultima parola sul tuo carrello da {shop}",
                "Un ultimo promemoria",
                "Questo è il nostro ultimo messaggio su questo carrello. Se lo vuoi ancora, "
                "basta un clic.",
            ),
        },
    ),
    "nl": EmailWords(
        hello="Hallo {name},",
        hello_nobody="Hallo,",
        button="Naar mijn winkelmand",
        quantity="Aantal: {n}",
        more="en nog {n}",
        total="Totaal",
        off="{what} korting op deze bestelling",
        free_shipping="Gratis verzending van deze bestelling",
        code="Code {code}, de knop past hem toe",
        minimum="Vanaf {amount}",
        until="Tot {when}",
        until_day="Tot en met {when}",
        goes_with="Past er goed bij",
        why="Je krijgt deze e-mail omdat je bij {shop} een winkelmand hebt achtergelaten.",
        stop="Afmelden",
        letters={
            "reminder": Letter(
                "Je winkelmand bij {shop} is bewaard",
                "Je winkelmand wacht op je",
                "Je hebt iets laten liggen. Alles zit nog in je winkelmand, wanneer je maar wilt.",
            ),
            "calm": Letter(
                "Denk je er nog over na?",
                "Neem de tijd",
                "Een goede keuze mag duren. Je winkelmand bij {shop} is zoals je hem achterliet; "
                "heb je een vraag, antwoord dan op deze e-mail.",
            ),
            "last": Letter(
                "Nog één keer over je winkelmand bij {shop}",
                "Een laatste herinnering",
                "Dit is ons laatste bericht over deze winkelmand. Wil je hem nog, dan is hij "
                "één klik ver.",
            ),
        },
    ),
    "pt": EmailWords(
        hello="Olá, {name}!",
        hello_nobody="Olá!",
        button="Voltar ao meu carrinho",
        quantity="Quantidade: {n}",
        more="e mais {n}",
        total="Total",
        off="{what} de desconto neste pedido",
        free_shipping="Frete grátis neste pedido",
        code="Código {code}, o botão já aplica",
        minimum="A partir de {amount}",
        until="Até {when}",
        until_day="Até {when}",
        goes_with="Combina bem com",
        why="Você recebe este e-mail porque deixou um carrinho em {shop}.",
        stop="Cancelar inscrição",
        letters={
            "reminder": Letter(
                "Seu carrinho em {shop} está salvo",
                "Seu carrinho continua guardado",
                "Você deixou algo para trás. Está tudo no seu carrinho, quando quiser.",
            ),
            "calm": Letter(
                "Ainda pensando?",
                "Sem pressa",
                "Uma boa escolha pode esperar. Seu carrinho em {shop} está como você deixou; "
                "se tiver alguma dúvida, responda a este e-mail.",
            ),
            "last": Letter(
                "Uma última palavra sobre seu carrinho em {shop}",
                "Um último lembrete",
                "Esta é nossa última mensagem sobre este carrinho. Se ainda quiser, ele está "
                "a um clique.",
            ),
        },
    ),
}
