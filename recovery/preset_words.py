"""What the presets are called, and where their delays come from: (English, French).

Every source says apart what was measured, by others and elsewhere, and what is our judgement.
"""

from __future__ import annotations

from dataclasses import dataclass

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class PresetWords:
    """The words of one preset, each in English and French; `source` is for `Programme.source`."""

    name: Pair
    line: Pair
    source: Pair


_FIRST = (
    "Measured elsewhere, not by us: one hour after leaving was the best first delay in two "
    "published studies (6.3 % at one hour, 3.1 % earlier, 1.7 % after 24 hours), and an A/B test "
    "found four times the purchases at one hour against 24 hours. Their shares have different "
    "denominators, so that only the order of the delays can be learnt from them.",
    "Mesuré ailleurs, pas par nous : une heure après le départ fut le meilleur premier délai dans "
    "deux études publiées (6,3 % à une heure, 3,1 % plus tôt, 1,7 % après 24 heures), et un test "
    "A/B a trouvé quatre fois plus d’achats à une heure qu’à 24 heures. Leurs parts n’ont pas les "
    "mêmes dénominateurs : on n’en retient que l’ordre des délais.",
)
_SECOND = (
    "A second e-mail at 24 hours brought at least twice as much as one at 48 hours.",
    "Un second e-mail à 24 heures a rapporté au moins deux fois plus qu’à 48 heures.",
)
_SOON = (
    "Advice without a published figure: sooner below 100 €, later above.",
    "Conseil sans chiffre publié : plus tôt sous 100 €, plus tard au-dessus.",
)
_SLOW = (
    "Advice without a published figure: later where people compare and consult others. The first "
    "message still leaves within twelve hours: 53 % of the conversions of recovered carts were "
    "counted in the first hours.",
    "Conseil sans chiffre publié : plus tard là où l’on compare et consulte. Le premier message "
    "part tout de même dans les douze heures : 53 % des conversions de paniers récupérés ont été "
    "comptées dans les premières heures.",
)


def _source(*parts: Pair, ours: Pair) -> Pair:
    english = " ".join([*(part[0] for part in parts), f"Our judgement: {ours[0]}"])
    french = " ".join([*(part[1] for part in parts), f"Notre jugement : {ours[1]}"])
    return english, french


WORDS: dict[str, PresetWords] = {
    "fashion": PresetWords(
        ("Fashion", "Mode"),
        (
            "Soon, while the wish is fresh; a last word after three or four days.",
            "Vite, tant que l’envie est là ; un dernier mot après trois ou quatre jours.",
        ),
        _source(
            _FIRST,
            _SECOND,
            _SOON,
            (
                "Advice without a published figure: soon for clothing.",
                "Conseil sans chiffre publié : vite pour l’habillement.",
            ),
            ours=(
                "the two hours above the border, and the third message.",
                "les deux heures au-dessus du seuil, et le troisième message.",
            ),
        ),
    ),
    "beauty": PresetWords(
        ("Beauty and care", "Beauté et soins"),
        (
            "Soon; a second message the next day, a last one by e-mail.",
            "Vite ; un deuxième message le lendemain, un dernier par e-mail.",
        ),
        _source(
            _FIRST,
            _SECOND,
            _SOON,
            ours=(
                "that this trade is like clothing, and the third message.",
                "que ce métier se comporte comme l’habillement, et le troisième message.",
            ),
        ),
    ),
    "food": PresetWords(
        ("Food and drink", "Alimentation et boissons"),
        (
            "Very soon, and only twice: the need passes.",
            "Très vite, et deux fois seulement : le besoin passe.",
        ),
        _source(
            _FIRST,
            _SECOND,
            _SOON,
            ours=(
                "a quarter of an hour after the cart is held for abandoned, and no third message.",
                "un quart d’heure après le constat d’abandon, et pas de troisième message.",
            ),
        ),
    ),
    "home": PresetWords(
        ("Home and furniture", "Maison et décoration"),
        (
            "The first message soon, the later ones with time to measure and to ask.",
            "Le premier message vite, les suivants avec le temps de mesurer et de demander.",
        ),
        _source(
            _FIRST,
            _SLOW,
            ours=(
                "the four hours above the border and the days between the later steps.",
                "les quatre heures au-dessus du seuil et les jours entre les étapes suivantes.",
            ),
        ),
    ),
    "electronics": PresetWords(
        ("Electronics", "Électronique"),
        (
            "The first message soon, then room to compare.",
            "Le premier message vite, puis le temps de comparer.",
        ),
        _source(
            _FIRST,
            _SLOW,
            ours=(
                "the four hours above the border and the days between the later steps.",
                "les quatre heures au-dessus du seuil et les jours entre les étapes suivantes.",
            ),
        ),
    ),
    "toys": PresetWords(
        ("Toys and children", "Jouets et enfants"),
        (
            "Soon; the later messages by e-mail only.",
            "Vite ; la suite par e-mail seulement.",
        ),
        _source(
            _FIRST,
            _SECOND,
            _SOON,
            ours=(
                "that the later messages are e-mails, and the third message.",
                "que la suite passe par e-mail, et le troisième message.",
            ),
        ),
    ),
    "sport": PresetWords(
        ("Sport and outdoor", "Sport et plein air"),
        (
            "Soon for small carts, calmer for equipment.",
            "Vite pour les petits paniers, plus calme pour l’équipement.",
        ),
        _source(
            _FIRST,
            _SECOND,
            _SOON,
            ours=(
                "the three hours above the border, and the third message.",
                "les trois heures au-dessus du seuil, et le troisième message.",
            ),
        ),
    ),
    "gifts": PresetWords(
        ("Gifts and flowers", "Cadeaux et fleurs"),
        (
            "Soon and short: a gift is for a day.",
            "Vite et court : un cadeau est pour un jour donné.",
        ),
        _source(
            _FIRST,
            _SECOND,
            _SOON,
            ours=(
                "the last message two days after the second, and the end after a week.",
                "le dernier message deux jours après le deuxième, et la fin après une semaine.",
            ),
        ),
    ),
    "travel": PresetWords(
        ("Travel", "Voyages"),
        (
            "Calm words over several days: people compare and consult.",
            "Des mots calmes sur plusieurs jours : on compare et on consulte.",
        ),
        _source(
            _FIRST,
            _SLOW,
            ours=(
                "every delay in hours and days, and the calm words.",
                "tous les délais en heures et en jours, et les mots calmes.",
            ),
        ),
    ),
    "considered": PresetWords(
        ("Other considered purchases", "Autres achats réfléchis"),
        (
            "Jewellery, instruments, bikes, glasses: calm words over a week or more.",
            "Bijoux, instruments, vélos, lunettes : des mots calmes sur une semaine ou plus.",
        ),
        _source(
            _FIRST,
            _SLOW,
            ours=(
                "every delay in hours and days, and the calm words.",
                "tous les délais en heures et en jours, et les mots calmes.",
            ),
        ),
    ),
    "b2b": PresetWords(
        ("Business customers", "Clients professionnels"),
        (
            "By e-mail only, with time for an approval.",
            "Par e-mail seulement, avec le temps d’une validation.",
        ),
        _source(
            _FIRST,
            _SLOW,
            ours=(
                "e-mail alone, and every delay: the studies are about private shoppers.",
                "l’e-mail seul, et tous les délais : les études portent sur des particuliers.",
            ),
        ),
    ),
}
