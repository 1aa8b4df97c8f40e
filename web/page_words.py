"""The words of the page behind a link that e-mails have no use for, in seven languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageWords:
    """Braces name what is put in. Nothing here says that goods are reserved or run out."""

    title: str
    hello: str
    hello_nobody: str
    now: str
    sold_out: str
    gone: str
    total_then: str
    offer: str
    typed: str


WORDS = {
    "en": PageWords(
        title="Your cart at {shop}",
        hello="Hello {name}, here is your cart.",
        hello_nobody="Hello, here is your cart.",
        now="Now {now} each, it was {was}",
        sold_out="Sold out",
        gone="No longer in the shop",
        total_then="Total at your last visit",
        offer="Your offer",
        typed="Code {code}: type it in at the checkout",
    ),
    "fr": PageWords(
        title="Votre panier chez {shop}",
        hello="Bonjour {name}, voici votre panier.",
        hello_nobody="Bonjour, voici votre panier.",
        now="Maintenant {now} l’unité, auparavant {was}",
        sold_out="Épuisé",
        gone="N’est plus en boutique",
        total_then="Total lors de votre dernière visite",
        offer="Votre offre",
        typed="Code {code}, à saisir au moment de payer",
    ),
    "de": PageWords(
        title="Ihr Warenkorb bei {shop}",
        hello="Guten Tag {name}, hier ist Ihr Warenkorb.",
        hello_nobody="Guten Tag, hier ist Ihr Warenkorb.",
        now="Jetzt {now} pro Stück, vorher {was}",
        sold_out="Ausverkauft",
        gone="Nicht mehr im Shop",
        total_then="Summe bei Ihrem letzten Besuch",
        offer="Ihr Angebot",
        typed="Code {code}: bitte an der Kasse eingeben",
    ),
    "es": PageWords(
        title="Tu carrito en {shop}",
        hello="Hola, {name}: aquí está tu carrito.",
        hello_nobody="Hola: aquí está tu carrito.",
        now="Ahora {now} por unidad, antes {was}",
        sold_out="Agotado",
        gone="Ya no está en la tienda",
        total_then="Total en tu última visita",
        offer="Tu oferta",
        typed="Código {code}: escríbelo al pagar",
    ),
    "it": PageWords(
        title="Il tuo carrello da {shop}",
        hello="Ciao {name}, ecco il tuo carrello.",
        hello_nobody="Ciao, ecco il tuo carrello.",
        now="Ora {now} al pezzo, prima {was}",
        sold_out="Esaurito",
        gone="Non è più in negozio",
        total_then="Totale alla tua ultima visita",
        offer="La tua offerta",
        typed="Codice {code}: inseriscilo alla cassa",
    ),
    "nl": PageWords(
        title="Je winkelmand bij {shop}",
        hello="Hallo {name}, hier is je winkelmand.",
        hello_nobody="Hallo, hier is je winkelmand.",
        now="Nu {now} per stuk, eerst {was}",
        sold_out="Uitverkocht",
        gone="Niet meer in de winkel",
        total_then="Totaal bij je laatste bezoek",
        offer="Jouw aanbieding",
        typed="Code {code}: vul hem in bij het afrekenen",
    ),
    "pt": PageWords(
        title="Seu carrinho em {shop}",
        hello="Olá, {name}! Aqui está seu carrinho.",
        hello_nobody="Olá! Aqui está seu carrinho.",
        now="Agora {now} cada, antes {was}",
        sold_out="Esgotado",
        gone="Não está mais na loja",
        total_then="Total na sua última visita",
        offer="Sua oferta",
        typed="Código {code}: digite-o ao pagar",
    ),
}
