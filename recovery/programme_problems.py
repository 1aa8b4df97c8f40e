"""One thing that is wrong with a programme, said where and in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from recovery.prices import locale_of


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong. `where` is a path in the programme's JSON, its steps and variants by number.

    ("steps/2/delay", "variants/B/steps/1/texts/fr", "when"). A warning does not keep the
    programme from being saved.
    """

    where: str
    words_en: str
    words_fr: str
    is_warning: bool = False

    def words(self, language: str) -> str:
        """French for a locale of French, else English."""
        return self.words_fr if locale_of(language).language == "fr" else self.words_en

    def within(self, place: str) -> Problem:
        """The same problem, of a part that lies at `place`."""
        return replace(self, where=f"{place}/{self.where}")


Problems = Iterator[Problem]
