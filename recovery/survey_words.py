"""Words by which shoppers say why a cart was left, in seven languages; kept without accents.

A phrase is words in a row. Written in small letters, without accents and apostrophes, as
`survey` folds a reply. No phrase may be near two reasons (a test compares them all).
"""

from __future__ import annotations

from enum import StrEnum


class Left(StrEnum):
    """Why a cart was left, in the order of the digits 1 to 5."""

    SHIPPING = "shipping"
    ACCOUNT = "account"
    DECIDING = "deciding"
    NO_TIME = "no_time"
    OTHER = "other"


def _phrases(listed: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(phrase.split()) for phrase in listed.replace("\n", " ").split(",") if phrase)


PHRASES: dict[str, dict[Left, tuple[tuple[str, ...], ...]]] = {
    "en": {
        Left.SHIPPING: _phrases(
            "shipping, delivery, postage, freight, delivery charge, carriage, shipment"
        ),
        Left.ACCOUNT: _phrases(
            "account, registration, register, registering, sign up, signup, signing up, login,"
            "log in, password, guest checkout"
        ),
        Left.DECIDING: _phrases(
            "deciding, decide, undecided, thinking, think about it, not sure, unsure, hesitating,"
            "comparing, considering, looking around, not decided, time to think,"
            "time to decide, think it over, have time to think, had time to think,"
            "have time to decide, had time to decide, enough time to think, enough time to decide,"
            "much time to think, much time to decide"
        ),
        Left.NO_TIME: _phrases(
            "no time, have time, have the time, had time, not have time, not have the time,"
            "enough time, not enough time, much time, not much time, lack of time, short of time,"
            "busy, later, out of time, hurry, at work, interrupted"
        ),
        Left.OTHER: _phrases("other, another reason, something else"),
    },
    "fr": {
        Left.SHIPPING: _phrases(
            "livraison, frais de port, frais d envoi, expedition, port trop cher, le port, fdp,"
            "frais, envoi"
        ),
        Left.ACCOUNT: _phrases(
            "compte, inscription, inscrire, creer un compte, mot de passe, enregistrer,"
            "connexion, identifiant"
        ),
        Left.DECIDING: _phrases(
            "temps de reflechir, temps pour reflechir, temps de la reflexion,"
            "hesite, hesitation, hesitante, hesitant, reflechir, reflechis, reflexion,"
            "pas decide,"
            "pas decidee, indecis, indecise, decider, pas sur, pas sure, comparer, compare"
        ),
        Left.NO_TIME: _phrases(
            "temps, pas le temps, plus tard, occupe, occupee, pressee, presse, au travail"
        ),
        Left.OTHER: _phrases("autre, autres, autre raison, autre chose"),
    },
    "de": {
        Left.SHIPPING: _phrases(
            "versand, versandkosten, lieferung, lieferkosten, porto, liefergebuhr, versandgebuhr,"
            "lieferkosten"
        ),
        Left.ACCOUNT: _phrases(
            "konto, kundenkonto, registrierung, registrieren, anmeldung, passwort, benutzerkonto,"
            "gastbestellung, kennwort"
        ),
        Left.DECIDING: _phrases(
            "uberlege, uberlegen, unsicher, unentschlossen, unentschieden, nicht sicher,"
            "entscheiden, nicht entschieden, vergleiche, vergleichen, nachdenken,"
            "zeit zum uberlegen, zeit zum nachdenken"
        ),
        Left.NO_TIME: _phrases(
            "zeit, keine zeit, spater, beschaftigt, eilig, bei der arbeit, zeitmangel"
        ),
        Left.OTHER: _phrases("anderes, andere, sonstiges, etwas anderes, anderer grund"),
    },
    "es": {
        Left.SHIPPING: _phrases(
            "envio, gastos de envio, portes, entrega, transporte, costes de envio"
        ),
        Left.ACCOUNT: _phrases(
            "cuenta, registro, registrarme, registrarse, contrasena, crear una cuenta, crear cuenta"
        ),
        Left.DECIDING: _phrases(
            "pensando, pensar, pensarlo, pensarmelo, dudando, duda, dudas, no se, decidiendo,"
            "decidir, indeciso, indecisa, no estoy seguro, no estoy segura, comparando,"
            "pensandolo, me lo pienso, no he decidido, no decidido,"
            "tiempo para pensar, tiempo para pensarlo"
        ),
        Left.NO_TIME: _phrases("tiempo, sin tiempo, ocupado, ocupada, mas tarde, luego, prisa"),
        Left.OTHER: _phrases("otro, otra, otros, otra razon, otro motivo, otra cosa"),
    },
    "it": {
        Left.SHIPPING: _phrases(
            "spedizione, spese di spedizione, costi di spedizione, consegna, spedire"
        ),
        Left.ACCOUNT: _phrases(
            "account, registrazione, registrarmi, registrarsi, iscrizione, iscrivermi, accesso"
        ),
        Left.DECIDING: _phrases(
            "pensando, pensarci, ci penso, indeciso, indecisa, non sono sicuro, non sono sicura,"
            "decidere, decidendo, non ho deciso, non ho ancora deciso,"
            "non ancora deciso, dubbi, valutando, confrontando, tempo per pensare,"
            "tempo per pensarci"
        ),
        Left.NO_TIME: _phrases(
            "tempo, senza tempo, occupato, occupata, piu tardi, impegnato, impegnata, di fretta"
        ),
        Left.OTHER: _phrases("altro, altra, altro motivo, altra ragione, altra cosa"),
    },
    "nl": {
        Left.SHIPPING: _phrases(
            "verzending, verzendkosten, bezorging, bezorgkosten, levering, porto, leveringskosten"
        ),
        Left.ACCOUNT: _phrases(
            "account, registratie, registreren, aanmaken, inloggen, wachtwoord, inschrijven"
        ),
        Left.DECIDING: _phrases(
            "twijfel, twijfelen, twijfels, nadenken, na te denken, niet zeker, onzeker, beslissen,"
            "niet beslist, tijd om na te denken,"
            "vergelijken, aan het kiezen, bedenktijd"
        ),
        Left.NO_TIME: _phrases(
            "tijd, geen tijd, tijdgebrek, later, bezig, druk, haast, aan het werk"
        ),
        Left.OTHER: _phrases("anders, andere reden, iets anders, overig, overige"),
    },
    "pt": {
        Left.SHIPPING: _phrases(
            "envio, portes, frete, entrega, transporte, custos de envio, portes de envio"
        ),
        Left.ACCOUNT: _phrases(
            "conta, registo, registro, cadastro, cadastrar, registar, senha, criar conta,"
            "palavra passe"
        ),
        Left.DECIDING: _phrases(
            "pensando, a pensar, pensar, indeciso, indecisa, decidir, decidindo, a decidir,"
            "tempo para pensar,"
            "nao decidi, duvida, duvidas, nao sei, comparando, comparar, nao tenho certeza"
        ),
        Left.NO_TIME: _phrases(
            "tempo, sem tempo, ocupado, ocupada, mais tarde, depois, pressa, falta de tempo"
        ),
        Left.OTHER: _phrases("outro, outra, outros, outra razao, outro motivo, outra coisa"),
    },
}

_NUMBERS = {
    "en": "one two three four five",
    "fr": "- deux trois quatre cinq",
    "de": "eins zwei drei vier funf",
    "es": "uno dos tres cuatro cinco",
    "it": "uno due tre quattro cinque",
    "nl": "een twee drie vier vijf",
    "pt": "- dois tres quatro cinco",
}
#: Language → number word → digit; articles are none. "Tres" is 3 in Spanish, "very" in French.
NUMBERS: dict[str, dict[str, int]] = {
    language: {word: at for at, word in enumerate(words.split(), 1) if word != "-"}
    for language, words in _NUMBERS.items()
}
NUMBERS["de"]["fuenf"] = 5
NUMBERS["pt"]["duas"] = 2

#: What may stand beside a digit without changing it.
FILLING = frozenset(
    """
    n no nr num number numero numer nummer nombre answer reply response reponse antwort
    respuesta risposta antwoord resposta option opcion opzione optie opcao choix choice wahl
    option c est cest it is its das ist la le les el il lo de het a o the die der my ma mi mon
    raison reason grund razon motivo reden razao please pls svp stp bitte por favor per favore
    alstublieft aub merci thanks thank you danke gracias grazie dank obrigado obrigada
    i would say je dirais punto point punkt hi hello bonjour salut hallo hola ciao ola bom dia
    un une um uma ein
    for me pour moi y and et und e en ou or oder ok okay oui yes si ja sim ich sage digo
    """.split()
)
#: Before a reason's words they say that it is *not* the one: "not the shipping".
NEGATIONS = frozenset("not isnt wasnt pas nicht non niet nao no".split())
BETWEEN = frozenset(
    """
    the this because of la le les l der die das wegen el lo il i de het es e est por per a o
    """.split()
)
#: Of these a bare one denies nothing: "no account", "no shipping to us" are complaints.
WEAK_NEGATIONS = frozenset({"no"})
#: Who says so has made up their mind, unless it is denied: "I decided not to buy".
DECIDED = _phrases(
    "decided, ai decide, avons decide, suis decide, suis decidee, a decide, entschieden, decidido,"
    "decidida, deciso, decisa, decidi, besloten, beslist"
)
NOT_YET = NEGATIONS | frozenset("havent hasnt hadnt didnt never noch nog nunca".split())
