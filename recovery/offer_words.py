"""Why somebody gets an offer, or none: kept with each decision and shown to the merchant."""

from __future__ import annotations

from enum import StrEnum


class Why(StrEnum):
    """One reason of a decision about an offer. The value is what is stored."""

    # why there is one, and in which shape
    PROSPECT = "prospect"
    CUSTOMER = "customer"
    ORDERS_NOT_KNOWN = "orders_not_known"
    RUNNING = "running"
    NO_BETTER = "no_better"
    BOUND_BY_CART = "bound_by_cart"
    BOUND_BY_SHOP = "bound_by_shop"
    ON_ITS_LINES = "on_its_lines"
    # why there is none
    SHOP_OFFERS_NONE = "shop_offers_none"
    TOO_SOON = "too_soon"
    SERIAL_LEFT = "serial_left"
    SERIAL_ANYWAY = "serial_anyway"
    ENDED_HERE = "ended_here"
    UNLIKE_EARLIER = "unlike_earlier"
    BUSINESS = "business"
    EXCLUDED_PRODUCT = "excluded_product"
    LINES_NOT_HERE = "lines_not_here"
    SHIPPING_OF_LINES = "shipping_of_lines"
    CANNOT_LEAVE_OUT = "cannot_leave_out"
    SMALL_CART = "small_cart"
    BELOW_MINIMUM = "below_minimum"
    OTHER_CURRENCY = "other_currency"
    NOTHING_LEFT = "nothing_left"
    SENSELESS = "senseless"
    COST_NOT_KNOWN = "cost_not_known"
    BUDGET = "budget"
    PERSON_BUDGET = "person_budget"
    PERSON_OFFERS = "person_offers"


#: Reason → (English, French).
WORDS: dict[Why, tuple[str, str]] = {
    Why.PROSPECT: (
        "This person has not ordered yet.",
        "Cette personne n'a pas encore commandé.",
    ),
    Why.CUSTOMER: (
        "This person has ordered before.",
        "Cette personne a déjà commandé.",
    ),
    Why.ORDERS_NOT_KNOWN: (
        "It is not known whether this person has ordered; they are treated as a customer.",
        "On ne sait pas si cette personne a déjà commandé ; elle est traitée en cliente.",
    ),
    Why.RUNNING: (
        "The offer made for this cart still runs; it is repeated with its own end.",
        "L'offre faite pour ce panier court encore ; elle est répétée avec sa propre fin.",
    ),
    Why.NO_BETTER: (
        "Waiting earns no better offer; the terms of an earlier one are taken.",
        "Attendre ne donne pas droit à mieux ; on reprend les termes d'une offre précédente.",
    ),
    Why.BOUND_BY_CART: (
        "The amount was lowered to the worth of the cart.",
        "Le montant a été ramené à la valeur du panier.",
    ),
    Why.BOUND_BY_SHOP: (
        "The discount was lowered to the largest one that the shop gives.",
        "La remise a été ramenée à la plus grande que la boutique accorde.",
    ),
    Why.ON_ITS_LINES: (
        "The platform cannot leave products out, so the offer is on the lines of the cart.",
        "La plateforme ne peut exclure de produits : l'offre porte sur les lignes du panier.",
    ),
    Why.SHOP_OFFERS_NONE: (
        "The shop makes no offer to such people.",
        "La boutique ne fait pas d'offre à ces personnes.",
    ),
    Why.TOO_SOON: (
        "It is too early: an offer may come with a later step.",
        "C'est trop tôt : une offre peut venir à une étape suivante.",
    ),
    Why.SERIAL_LEFT: (
        "This person left several carts of late for which an offer was made.",
        "Cette personne a laissé récemment plusieurs paniers pour lesquels une offre a été faite.",
    ),
    Why.SERIAL_ANYWAY: (
        "This person took an offer, though they had ordered without any before.",
        "Cette personne a pris une offre alors qu'elle avait déjà commandé sans offre.",
    ),
    Why.ENDED_HERE: (
        "An offer for this cart has ended; there is no second one.",
        "Une offre pour ce panier est terminée ; il n'y en a pas de deuxième.",
    ),
    Why.UNLIKE_EARLIER: (
        "No offer could be found that is not better than each earlier one.",
        "Aucune offre n'a été trouvée qui ne soit pas meilleure que chacune des précédentes.",
    ),
    Why.BUSINESS: (
        "This is the cart of a business.",
        "C'est le panier d'un professionnel.",
    ),
    Why.EXCLUDED_PRODUCT: (
        "The offer would reach a product that the shop leaves out of offers.",
        "L'offre toucherait un produit que la boutique exclut des offres.",
    ),
    Why.LINES_NOT_HERE: (
        "None of the products of the offer is in this cart.",
        "Aucun des produits de l'offre n'est dans ce panier.",
    ),
    Why.SHIPPING_OF_LINES: (
        "Shipping is free for a whole order or not at all, not for certain lines.",
        "Le port est offert pour toute une commande ou pas du tout, non pour certaines lignes.",
    ),
    Why.CANNOT_LEAVE_OUT: (
        "The platform cannot keep this offer away from the products that are left out.",
        "La plateforme ne peut tenir cette offre à l'écart des produits exclus.",
    ),
    Why.SMALL_CART: (
        "The cart is below the amount from which the shop makes offers.",
        "Le panier est sous le montant à partir duquel la boutique fait des offres.",
    ),
    Why.BELOW_MINIMUM: (
        "The cart is below the minimum of the offer.",
        "Le panier est sous le minimum de l'offre.",
    ),
    Why.OTHER_CURRENCY: (
        "An amount of the offer or of the rules is in another currency than the cart's.",
        "Un montant de l'offre ou des règles est dans une autre devise que celle du panier.",
    ),
    Why.NOTHING_LEFT: (
        "The offer would be worth nothing on this cart.",
        "L'offre ne vaudrait rien sur ce panier.",
    ),
    Why.SENSELESS: (
        "The offer's value or length makes no sense.",
        "La valeur ou la durée de l'offre n'a pas de sens.",
    ),
    Why.COST_NOT_KNOWN: (
        "There is a budget, and what this offer costs cannot be told.",
        "Il y a un budget, et le coût de cette offre ne peut être établi.",
    ),
    Why.BUDGET: (
        "The shop's budget for this month does not reach.",
        "Le budget du mois de la boutique ne suffit pas.",
    ),
    Why.PERSON_BUDGET: (
        "What one person may be offered in a month does not reach.",
        "Ce qu'une personne peut se voir offrir en un mois ne suffit pas.",
    ),
    Why.PERSON_OFFERS: (
        "This person has had as many offers this month as one may have.",
        "Cette personne a déjà reçu ce mois-ci autant d'offres que permis.",
    ),
}


def offer_words(why: Why, language: str | None = "en") -> str:
    """The reason as a sentence for the merchant: French for "fr…", else English."""
    english, french = WORDS[why]
    return french if (language or "").lower().startswith("fr") else english
