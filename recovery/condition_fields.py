"""A condition as fields of a form, and back: plain questions, joined at one level.

`join` says whether all of them hold or any; row `i` has `what-i` (a question of `questions`),
`value-i`, and `was-i`, the part that it showed. A part that no row can show, such as a group
within a group, is told in words and kept or let go as a whole.
"""

from __future__ import annotations

import msgspec

from recovery.condition_names import KINDS, SOURCES
from recovery.condition_words import in_words, question
from recovery.model import Channel
from recovery.programme_form import AllOf, AnyOf, Condition, Fact
from recovery.typed import Typed

MOST_ROWS = 40
KEPT = "kept"  # as `what-i`: a part that no row can show
#: Questions whose values are few: each is a question of its own, with nothing to type.
_FEW = {
    "customer": ("new", "returning"),
    "consent": tuple(Channel),
    "source": tuple(SOURCES),
}
_LONGEST, _DEEPEST = 20_000, 40  # characters of JSON, and groups in it: it may be anybody's
_JOIN = "join"
_DECODER: msgspec.json.Decoder[Condition] = msgspec.json.Decoder(Condition)
_NO_NUMBER = ("This is a whole number, such as 2.", "Il faut ici un nombre entier, comme 2.")
_NOT_READ = ("Choose a question of the list.", "Choisissez une question de la liste.")
_EMPTY = ("Say what is asked for.", "Dites ce qui est demandé.")


def questions(language: str) -> list[tuple[str, str, bool]]:
    """What can be asked: its key, its words in that language, and whether a value is typed."""
    found = []
    for name, kind in KINDS.items():
        for op in kind.ops:
            if name in _FEW:
                facts = [(value, _few(name, op, value)) for value in _FEW[name]]
                found += [(f"{name}.{op}.{v}", in_words(f, language), False) for v, f in facts]
            else:
                found.append((f"{name}.{op}", question(name, op, language), True))
    return found


def fields(condition: Condition | None) -> dict[str, str]:
    """The fields that show `condition`."""
    join, parts = _flat(condition)
    shown = {_JOIN: join}
    for at, part in enumerate(parts):
        what, value = shown_as(part) or (KEPT, "1")
        row = {"what": what, "value": value, "was": msgspec.json.encode(part).decode()}
        shown |= {f"{name}-{at}": said for name, said in row.items()}
    return shown


def read(typed: Typed, was: Condition | None, currency: str | None = None) -> Condition | None:
    """The condition that was typed; `was` itself where nothing was changed.

    An amount without a currency is in `currency`, the shop's.
    """
    join = typed.one_of(_JOIN, ("all", "any"), "all")
    rows = [_row(typed, at, currency) for at in range(MOST_ROWS)]
    parts = tuple(part for part in rows if part is not None)
    joined, held = _flat(was)
    if parts == held and (join == joined or len(parts) <= 1):
        return was
    if len(parts) <= 1:
        return parts[0] if parts else None
    return AnyOf(parts) if join == "any" else AllOf(parts)


def rows_of(shown: dict[str, str]) -> list[int]:
    """The numbers of the rows that are filled in, and one more to be filled in."""
    filled = [at for at in range(MOST_ROWS) if shown.get(f"what-{at}")]
    free = (at for at in range(MOST_ROWS) if at not in filled)
    return sorted([*filled, *[at for at, _ in zip(free, "1", strict=False)]])


def was_in_words(was: str, language: str) -> str:
    """A kept part of a form, in words."""
    part = _decoded(was)
    return "" if part is None else in_words(part, language)


def shown_as(part: Condition) -> tuple[str, str] | None:
    """Question and value of a part that a row can show; None: it cannot."""
    if not isinstance(part, Fact) or part.name not in KINDS or part.op not in KINDS[part.name].ops:
        return None
    shown = _shown(part)
    if shown is not None and len(shown[1].splitlines()) > 1:
        return None  # a field of one line takes line breaks out
    typed = Typed({})
    is_same = shown is not None and _fact(typed, "", *shown, "EUR") == part
    return shown if is_same and not typed.wrong else None


def _shown(fact: Fact) -> tuple[str, str] | None:
    what = f"{fact.name}.{fact.op}"
    if fact.name in _FEW:
        values = (fact.value,) if isinstance(fact.value, str) else fact.value
        one = values[0] if isinstance(values, tuple) and len(values) == 1 else ""
        return (f"{what}.{one}", "") if one in _FEW[fact.name] else None
    if isinstance(fact.value, tuple):
        return what, ", ".join(fact.value)
    return what, str(fact.value)


def _flat(condition: Condition | None) -> tuple[str, tuple[Condition, ...]]:
    if isinstance(condition, AllOf) and condition.of:
        return "all", condition.of
    if isinstance(condition, AnyOf) and condition.of:
        return "any", condition.of
    return "all", () if condition is None else (condition,)


def _row(typed: Typed, at: int, currency: str | None) -> Condition | None:
    what, value = typed.text(f"what-{at}"), typed.text(f"value-{at}")
    was = _decoded(typed.fields.get(f"was-{at}", ""))
    if not what or (what == KEPT and not value):
        return None
    if was is not None and (what == KEPT or shown_as(was) == (what, value)):
        return was
    return _fact(typed, f"-{at}", what, value, currency)


def _fact(typed: Typed, row: str, what: str, value: str, currency: str | None) -> Fact | None:
    name, _, rest = what.partition(".")
    op, _, one = rest.partition(".")
    if name not in KINDS or op not in KINDS[name].ops or one not in _FEW.get(name, ("",)):
        typed.tell(f"what{row}", _NOT_READ)
        return None
    if name in _FEW:
        return _few(name, op, one)
    if not value:
        typed.tell(f"value{row}", _EMPTY)
        return None
    fact = Fact(name, op, _value(name, value, currency))
    if not KINDS[name].fits(fact.value):
        typed.tell(f"value{row}", _wrong(name))
        return None
    return fact


def _value(name: str, value: str, currency: str | None) -> str | int | tuple[str, ...]:
    if name == "amount":
        return _amount(value, currency)
    if name not in ("product", "category", "country", "language"):
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else value
    values = tuple(filter(None, map(str.strip, value.split(","))))
    if name == "country":
        return tuple(map(str.upper, values))
    return tuple(map(str.lower, values)) if name == "language" else values


def _amount(value: str, currency: str | None) -> str:
    number, _, named = value.replace(",", ".").upper().partition(" ")
    named = named.strip() or (currency or "EUR")
    return number if named == "EUR" else f"{number} {named}"


def _wrong(name: str) -> tuple[str, str]:
    kind = KINDS[name]
    if kind.value_en == "a whole number":
        return _NO_NUMBER
    return f"This is to be {kind.value_en}.", f"Il faut ici {kind.value_fr}."


def _few(name: str, op: str, value: str) -> Fact:
    return Fact(name, op, value if name == "customer" else (value,))


def _decoded(was: str) -> Condition | None:
    if not was or len(was) > _LONGEST or was.count('"of"') > _DEEPEST:
        return None
    try:
        return _DECODER.decode(was)
    except (msgspec.DecodeError, RecursionError):
        return None
