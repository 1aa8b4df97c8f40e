"""What is wrong with one step, or one condition, of a programme."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from recovery import ready_texts, wording
from recovery.condition_names import fact_error, is_language
from recovery.emails import LONGEST_WORDS
from recovery.model import Channel
from recovery.programme_form import Condition, Fact, Incentive, Not, Step
from recovery.programme_problems import Problem, Problems

#: The kinds of words that a step may name. What a survey asks follows from `asks_why`.
WORDS = ready_texts.CHOSEN
MOST_DEPTH = 5
MOST_PARTS = 40
MOST_LANGUAGES = 20
LONGEST_SUBJECT = 200
MOST_INCENTIVE_DAYS = 60
MOST_PRODUCTS = 100  # of one offer


def step_problems(step: Step, place: str, sender: str | None, shop: str | None) -> list[Problem]:
    """What is wrong with `step` by itself. `place` is its path, "steps/2".

    `sender` and `shop` as `wording.check` takes them.
    """
    found = [*_channel(step, sender), *_words(step, sender, shop), *_offer(step)]
    return [each.within(place) for each in (*found, *condition_problems("when", step.when))]


def _channel(step: Step, sender: str | None) -> Problems:
    if step.fallback == step.channel:
        yield Problem(
            "fallback",
            "The fallback must be another channel.",
            "Le repli doit être un autre canal.",
        )
    if step.rich is not None and (step.channel is not Channel.SMS or step.asks_why):
        yield Problem(
            "rich",
            "Only a text that asks nothing can be an MMS or an RCS card.",
            "Seul un SMS qui ne pose pas de question peut être un MMS ou une carte RCS.",
        )
    delays = (step.delay.below, step.delay.above)
    if any(delay is not None and delay < 0 for delay in delays):
        yield Problem(
            "delay", "A delay cannot be below zero.", "Un délai ne peut pas être négatif."
        )
    is_text = step.channel is Channel.SMS
    if step.asks_why and is_text and sender and not wording.can_receive_replies(sender):
        yield Problem(
            "asks_why",
            "This sender cannot receive replies: nobody could say why.",
            "Cet expéditeur ne peut pas recevoir de réponses : personne ne pourrait répondre.",
        )


# Its words


def _words(step: Step, sender: str | None, shop: str | None) -> Problems:
    if step.words not in WORDS:
        kinds = ", ".join(sorted(WORDS))
        yield Problem(
            "words",
            f"There are no texts of that kind. There are: {kinds}.",
            f"Il n’y a pas de textes de cette sorte. Il y a : {kinds}.",
        )
    if step.words == "offer" and step.incentive is None:
        yield Problem(
            "words",
            "The words promise an offer, and the step makes none.",
            "Le texte promet une offre et l’étape n’en fait aucune.",
            is_warning=True,
        )
    yield from _languages("texts", step.texts)
    yield from _languages("subjects", step.subjects)
    for language, template in _some(step.texts):
        for said in _template_errors(step, template, sender, shop):
            yield Problem(f"texts/{language[:10]}", said, _FRENCH.get(said, said))
        yield from _too_long(step, language, template)
    for language, template in _some(step.subjects):
        for said in _subject_errors(template):
            yield Problem(f"subjects/{language[:10]}", said, _FRENCH.get(said, said))


def _some(by_language: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(by_language.items())[:MOST_LANGUAGES]


def _languages(place: str, by_language: Mapping[str, str]) -> Problems:
    if len(by_language) > MOST_LANGUAGES:
        yield Problem(
            place,
            f"At most {MOST_LANGUAGES} languages are possible.",
            f"{MOST_LANGUAGES} langues au plus sont possibles.",
        )
    for language, _ in _some(by_language):
        if not is_language(language):
            yield Problem(
                f"{place}/{language[:10]}",
                "This is not the code of a language, such as fr.",
                "Ce n’est pas le code d’une langue, comme fr.",
            )


def _template_errors(step: Step, template: str, sender: str | None, shop: str | None) -> list[str]:
    if Channel.SMS in (step.channel, step.fallback):
        return wording.check(template, sender, shop, needs_link=not step.asks_why)
    # An e-mail has its button, its sender and its way out around the text.
    return _unfillable(template)


def _too_long(step: Step, language: str, template: str) -> Problems:
    most = wording.longest(template)
    fits = most is not None and (step.channel is Channel.SMS or most <= LONGEST_WORDS)
    if not fits and not _template_errors(step, template, None, None):
        yield Problem(
            f"texts/{language[:10]}",
            "Large carts make this text too long: ours goes to them instead. List fewer lines, "
            "as in {% for line in lines limit: 5 %}.",
            "Avec un grand panier, ce texte est trop long : le nôtre part à sa place. "
            "Listez moins de lignes, comme {% for line in lines limit: 5 %}.",
            is_warning=True,
        )


def _subject_errors(template: str) -> list[str]:
    if len(template) > LONGEST_SUBJECT or not template.strip() or len(template.splitlines()) > 1:
        return [_SUBJECT[0]]
    return _unfillable(template)


def _unfillable(template: str) -> list[str]:
    """What `wording.check` says of the names and the Liquid alone: the rest is put in."""
    return wording.check(f"{template} {{{{ shop }}}} {{{{ link }}}} {_ANY_WAY}")


_ANY_WAY = "{{ stop_words }} {{ stop_link }}"
_SUBJECT = (
    f"A subject is one line of 1 to {LONGEST_SUBJECT} characters.",
    f"Un objet tient sur une ligne de 1 à {LONGEST_SUBJECT} caractères.",
)
#: What `wording.check` says, in French. What Liquid itself says stays English.
_FRENCH = {
    _SUBJECT[0]: _SUBJECT[1],
    "The text lacks {{ link }}: nobody finds back to the cart.": (
        "Il manque {{ link }} au texte : personne ne retrouve son panier."
    ),
    "The text does not name its sender: add {{ shop }}.": (
        "Le texte ne nomme pas son expéditeur : ajoutez {{ shop }}."
    ),
    "This sender cannot receive replies: add {{ stop_link }}.": (
        "Cet expéditeur ne peut pas recevoir de réponses : ajoutez {{ stop_link }}."
    ),
    "The text offers no way out: add {{ stop_words }} or {{ stop_link }}.": (
        "Le texte ne permet pas de refuser : ajoutez {{ stop_words }} ou {{ stop_link }}."
    ),
    "The text offers no way out for every sender: add {{ stop_words }} and {{ stop_link }}.": (
        "Le texte ne permet pas de refuser avec tout expéditeur : "
        "ajoutez {{ stop_words }} et {{ stop_link }}."
    ),
}


# Its incentive


def _offer(step: Step) -> Problems:
    if step.incentive is None:
        return
    yield from _incentive(step.incentive)
    yield from _unsaid(step)
    if step.number == 1:
        yield Problem(
            "incentive",
            "By the usual policy, people who have not ordered yet get no incentive before the "
            "second step: the first one leaves without it for them.",
            "Selon la règle habituelle, qui n’a pas encore commandé n’a pas d’avantage avant "
            "la deuxième étape : la première part sans, pour ces personnes.",
            is_warning=True,
        )


def _unsaid(step: Step) -> Problems:
    """Texts that name no offer. In an e-mail it stands below the merchant's words."""
    if step.channel is not Channel.SMS:
        return
    for language, template in _some(step.texts):
        if not _says_offer(template):
            yield Problem(
                f"texts/{language[:10]}",
                "The step makes an offer that its text does not name: add {{ offer }}.",
                "L’étape fait une offre que son texte ne dit pas : ajoutez {{ offer }}.",
            )


def _says_offer(template: str) -> bool:
    try:
        return bool(wording.names_in(template) & {"offer", "code"})
    except wording.BadTemplate:
        return True  # what cannot be read is told as such


def _incentive(incentive: Incentive) -> Problems:
    value = incentive.value
    if incentive.kind == "percent" and not (value.is_finite() and 1 <= value <= 100):
        yield Problem(
            "incentive/value",
            "A percentage lies between 1 and 100.",
            "Un pourcentage est entre 1 et 100.",
        )
    if incentive.kind == "amount" and not _is_some(value):
        yield Problem(
            "incentive/value",
            "The amount of an incentive must be above zero.",
            "Le montant d’un avantage doit être supérieur à zéro.",
        )
    yield from _lines(incentive)
    if not 1 <= incentive.days <= MOST_INCENTIVE_DAYS:
        yield Problem(
            "incentive/days",
            f"A code lives 1 to {MOST_INCENTIVE_DAYS} days.",
            f"Un code vit de 1 à {MOST_INCENTIVE_DAYS} jours.",
        )
    if incentive.minimum is not None and not _is_some(incentive.minimum):
        yield Problem(
            "incentive/minimum",
            "The minimum of an incentive must be above zero.",
            "Le minimum d’un avantage doit être supérieur à zéro.",
        )


def _lines(incentive: Incentive) -> Problems:
    if incentive.lines and incentive.kind == "free_shipping":
        yield Problem(
            "incentive/lines",
            "Shipping is free for a whole order or not at all, not for certain lines.",
            "Le port est offert pour toute une commande ou pas du tout, non pour certaines lignes.",
        )
    if incentive.lines == "cart":
        return
    if len(incentive.lines) > MOST_PRODUCTS or not all(map(str.strip, incentive.lines)):
        yield Problem(
            "incentive/lines",
            f'It says "cart", or lists 1 to {MOST_PRODUCTS} keys of products.',
            f"On y écrit « cart », ou de 1 à {MOST_PRODUCTS} clés de produits.",
        )


def _is_some(amount: Decimal) -> bool:
    return amount.is_finite() and amount > 0


# Conditions


def condition_problems(where: str, condition: Condition | None) -> list[Problem]:
    """What is wrong with a condition: too deep, too long, or a fact that cannot be asked."""
    depth, parts = _spread(condition)
    if depth > MOST_DEPTH or len(parts) > MOST_PARTS:
        return [
            Problem(
                where,
                f"A condition has at most {MOST_PARTS} parts, {MOST_DEPTH} levels deep.",
                f"Une condition a au plus {MOST_PARTS} parties sur {MOST_DEPTH} niveaux.",
            )
        ]
    errors = (fact_error(part) for part in parts if isinstance(part, Fact))
    return [Problem(where, *error) for error in dict.fromkeys(errors) if error]


def asks_for_amount(condition: Condition | None) -> bool:
    """Whether any of its facts is about the amount of the cart."""
    parts = _spread(condition)[1]
    return any(isinstance(part, Fact) and part.name == "amount" for part in parts)


def _spread(condition: Condition | None) -> tuple[int, list[Condition]]:
    """How many levels deep it goes, and all its parts. No recursion: it may be very deep."""
    depth, parts = 0, []
    level: list[Condition] = [] if condition is None else [condition]
    while level:
        depth += 1
        parts += level
        level = [part for each in level for part in _parts(each)]
    return depth, parts


def _parts(condition: Condition) -> Iterable[Condition]:
    if isinstance(condition, Fact):
        return ()
    return (condition.of,) if isinstance(condition, Not) else condition.of
