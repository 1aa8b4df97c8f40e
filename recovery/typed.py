"""What somebody typed into a form, read field by field: all that is wrong at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from recovery.programme_problems import Problem

LARGEST = Decimal(10) ** 9
_NUMBER = re.compile(r"-?[0-9]{1,12}(?:[.,][0-9]{1,20})?", re.ASCII)
_CHOICE = ("Choose one of these.", "Choisissez l’une de ces possibilités.")
_WHOLE = ("This is a whole number.", "Il faut ici un nombre entier.")
_AMOUNT = ("This is a number such as 12 or 9.90.", "Il faut ici un nombre comme 12 ou 9,90.")


@dataclass(slots=True)
class Typed:
    """The fields of a form; `wrong` grows as they are read: a problem at each field's name."""

    fields: Mapping[str, str]
    wrong: list[Problem] = field(default_factory=list)

    def text(self, name: str) -> str:
        """What stands there, without spaces around it; "": nothing, or no such field."""
        return self.fields.get(name, "").strip()

    def is_ticked(self, name: str) -> bool:
        """Whether that box bears a tick."""
        return bool(self.text(name))

    def one_of(self, name: str, choices: Collection[str], else_: str) -> str:
        """What was chosen there; `else_` and a problem for anything else."""
        chosen = self.text(name)
        if chosen in choices:
            return chosen
        self.tell(name, _CHOICE)
        return else_

    def number(self, name: str, else_: Decimal) -> Decimal:
        """An exact number, "9,90" as well as "9.90"; `else_` and a problem for anything else."""
        typed = self.text(name)
        if _NUMBER.fullmatch(typed):
            return Decimal(typed.replace(",", "."))
        self.tell(name, _AMOUNT)
        return else_

    def whole(self, name: str, else_: int) -> int:
        """A whole number; `else_` and a problem for anything else."""
        typed = self.text(name)
        found = Decimal(typed.replace(",", ".")) if _NUMBER.fullmatch(typed) else None
        if found is None or found != found.to_integral_value() or abs(found) > LARGEST:
            self.tell(name, _WHOLE)
            return else_
        return int(found)

    def tell(self, name: str, words: tuple[str, str]) -> None:
        """Something is wrong at that field: (English, French)."""
        self.wrong.append(Problem(name, *words))


def written(number: Decimal) -> str:
    """A number as `Typed.number` reads it: without an exponent."""
    return format(number, "f")
