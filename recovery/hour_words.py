"""The words of days and hours in seven languages, without accents, as patterns."""

from __future__ import annotations

import re

_WEEKDAYS = (
    "monday lundi montag lunes lunedi maandag segunda",
    "tuesday mardi dienstag martes martedi dinsdag terca",
    "wednesday mercredi mittwoch miercoles mercoledi woensdag quarta",
    "thursday jeudi donnerstag jueves giovedi donderdag quinta",
    "friday vendredi freitag viernes venerdi vrijdag sexta",
    "saturday samedi samstag sonnabend sabado sabato zaterdag",
    "sunday dimanche sonntag domingo domenica zondag",
)
#: Portuguese counts its days: "segunda" is "second", too, unless "feira" follows.
COUNTED = frozenset("segunda terca quarta quinta sexta".split())
WEEKDAYS = {name: at for at, names in enumerate(_WEEKDAYS) for name in names.split()}

MORNING, NOON, AFTERNOON, EVENING = "morning", "noon", "afternoon", "evening"
#: The hours that a part of the day stands for: the first that is still to come.
HOURS = {MORNING: (9,), NOON: (12,), AFTERNOON: (15, 16, 17), EVENING: (19, 20, 21)}

_TWO_DAYS = (
    "day after tomorrow|apres demain|ubermorgen|uebermorgen|pasado manana|dopodomani|dopo domani"
    "|overmorgen|depois de amanha"
)
_TODAY = "today|aujourd hui|auj|heute|hoy|oggi|vandaag|hoje"
#: (pattern, days from today or None, part of the day or None); the first that fits a place wins.
DAYS: tuple[tuple[re.Pattern[str], int | None, str | None], ...] = tuple(
    (re.compile(rf"\b(?:{pattern})\b"), days, part)
    for pattern, days, part in (
        (_TWO_DAYS, 2, None),
        ("heute morgen|heute fruh|this morning|ce matin|esta manana|stamattina", 0, MORNING),
        ("manana por la manana|morgen fruh|morgen vormittag|domattina|morgenochtend", 1, MORNING),
        ("amanha de manha|amanha pela manha|demain matin|tomorrow morning", 1, MORNING),
        ("morgenmiddag|morgennamiddag", 1, AFTERNOON),
        ("morgenavond|tomorrow night", 1, EVENING),
        ("tonight|tonite|2nite|ce soir|heute abend|esta noche|stasera|vanavond", 0, EVENING),
        ("hoje a noite|esta noite|questa sera|this evening", 0, EVENING),
        ("vanochtend|vanmorgen", 0, MORNING),
        ("vanmiddag", 0, AFTERNOON),
        ("(?:por|de|en) la manana|am morgen|pela manha|de manha|in the morning", None, MORNING),
        ("du matin|del mattino|di mattina", None, MORNING),
        (
            "tomorrow|tomorow|tommorow|tommorrow|tmrw|demain|dem1|morgen|manana|domani|amanha",
            1,
            None,
        ),
        (_TODAY, 0, None),
        ("morning|matin|matinee|vormittags?|mattina|mattino|ochtend|ochtends|manha", None, MORNING),
        ("apres midi|aprem|afternoon|nachmittags?|pomeriggio|namiddag|middag", None, AFTERNOON),
        ("(?<!mas )(?<!mais )(?<!muy )(?<!muito )(?<!demasiado )tarde", None, AFTERNOON),
        ("noon|midi|mittags?|mediodia|mezzogiorno|meio dia", None, NOON),
        (
            "evening|soir|soiree|abends?|noche|(?<=di |ni |to |ca )sera|avond|avonds|noite",
            None,
            EVENING,
        ),
    )
)
_FEW = (
    r"(?P<count>\d{1,2}|one|an|a|une|un|einer|einem|una|uno|een|uma|um|two|deux|zwei|dos|due|twee"
    r"|dois|duas)"
)
_UNITS = (
    r"(?P<unit>hours?|hrs?|heures?|h|stunden?|std|horas?|ore|ora|uur|uren"
    r"|minutes?|mins?|minuten?|minutos?|minuti|minuut"
    r"|days?|jours?|tage?n?|dias?|giorni|giorno|dagen|dag)"
)
IN_A_WHILE = re.compile(rf"\b(?:in|dans|en|dentro de|tra|fra|over|daqui a|em) {_FEW} ?{_UNITS}\b")
COUNTS = {
    **dict.fromkeys("one an a une un einer einem una uno een uma um".split(), 1),
    **dict.fromkeys("two deux zwei dos due twee dois duas".split(), 2),
}
CLOCK = re.compile(
    r"(?<![\d.:])(?P<hour>\d{1,2})(?:"
    r"[:.](?P<minute>[0-5]\d)(?![\d.:]) ?(?P<half>[ap] ?m\b|[ap]\.m\.?)?(?:h|uhr|uur)?"
    r"| ?(?P<half2>[ap]m\b|[ap]\.m\.?)"
    r"| ?(?:heures?|uhr|uur|u|horas|hrs|h) ?(?P<minute2>[0-5]\d)?(?![\d\w])"
    r")"
)
#: A bare number behind one of these is an hour.
AT = re.compile(
    r"\b(?P<word>at|a las|a la|a|um|gegen|ab|alle|verso le|dopo le|as|depois das|pelas|om|rond|na"
    r"|vers|apres|around|after|about|nach|sobre las|despues de las) "
    r"(?P<hour>\d{1,2})(?![\d:.]\d|\d)"
)
#: What halves or quarters an hour in words is not read, rather than read wrongly.
PARTIAL = re.compile(
    r"\b(?:halb|half|mezza|demie?|media|meia|quart|quarto|quarter|kwart|viertel|moins|minus)\b"
)
NEGATED = re.compile(r"\b(?:not|pas|nicht|non|niet|nao|no|never|jamais|nie|nooit|mai|nunca) $")
