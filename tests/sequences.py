"""What only happens where a shop sends a sequence: e-mails, offers, surveys, and their answers.

The rules of `tests.any_order` beside these are about every history.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from recovery.model import Channel
from tests.promises import cart_of, step_in
from tests.weather import MOODS
from tests.world import World
from tests.world_notes import Accepted, CartStory, Person

_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)
indexes = st.integers(0, 6)
people = st.sampled_from([Person(number) for number in (1, 2, 3)])
moods = st.sampled_from(("accepts",) * 12 + ("drops after",) * 3 + MOODS)


class Sequences(RuleBasedStateMachine):
    """The rules of a sequence; what time and workers do is `tests.any_order`'s."""

    world: World

    def leave_a_cart(self, person: Person) -> None:
        raise NotImplementedError

    def the_workers_work(self, mood: str, fate: Any, which: int) -> None:
        raise NotImplementedError

    def receipts_come(self, which: int, told: list[str]) -> None:
        raise NotImplementedError

    def _later(self, by: timedelta) -> None:
        raise NotImplementedError

    def _now(self) -> datetime:
        raise NotImplementedError

    def _order(self, story: CartStory, by: str, ago: int, webhook: bool) -> None:
        raise NotImplementedError

    @precondition(lambda self: self.world.has_sequence)
    @rule(takes=st.booleans())
    def the_provider_takes_cards_or_not(self, takes: bool) -> None:
        self.world.takes_cards = takes

    @precondition(lambda self: self.world.has_sequence)
    @rule(person=people, again=st.booleans())
    def a_shopper_writes(self, person: Person, again: bool) -> None:
        """No answer to anything: a person has to read it."""
        self.world.reply(person, "Where is my parcel, please?", again)

    @precondition(lambda self: self._surveys())
    @rule(which=indexes, answer=st.sampled_from(("1", "2", "3", "demain 18h")))
    def a_survey_is_answered(self, which: int, answer: str) -> None:
        surveys = self._surveys()
        story = cart_of(self.world, surveys[which % len(surveys)].reminder_id)
        self.world.answer(story.person, answer)

    def a_survey_is_answered_if_there_is_one(self, answer: str) -> None:
        if self._surveys():
            self.a_survey_is_answered(0, answer)

    @precondition(lambda self: self.world.has_sequence)
    @rule(person=people, answer=st.sampled_from(("1", "2", "3", "demain 18h", "?")), mood=moods)
    def a_cart_is_left_until_its_survey(self, person: Person, answer: str, mood: str) -> None:
        self.leave_a_cart(person)
        for hours in (1, 1, 22, 22, 12):
            self._later(timedelta(hours=hours))
            self.the_workers_work("accepts", None, 0)
        if answer != "?":
            self.a_survey_is_answered_if_there_is_one(answer)
        self._later(timedelta(hours=3))
        self.the_workers_work(mood, None, 0)

    @precondition(lambda self: self.world.has_sequence)
    @rule(person=people, mood=moods, webhook=st.booleans())
    def a_promised_cart_is_ordered(self, person: Person, mood: str, webhook: bool) -> None:
        self.leave_a_cart(person)
        for hours in (1, 1, 22, 2):
            self._later(timedelta(hours=hours))
            self.the_workers_work("accepts", None, 0)
        self._order(self.world.carts[-1], "cart", 0, webhook)
        self._later(timedelta(hours=12))
        self.the_workers_work(mood, None, 0)

    @precondition(lambda self: self.world.has_sequence)
    @rule(person=people, granted=st.booleans(), ago=st.sampled_from((0, 0, 1, 30)))
    def a_consent_to_e_mails_is_told(self, person: Person, granted: bool, ago: int) -> None:
        self._later(_SECOND)
        self.world.say(person, granted, self._now() - ago * _MINUTE, Channel.EMAIL)

    @precondition(lambda self: self.world.has_sequence and self._texts())
    @rule(which=indexes, late=st.booleans())
    def a_text_cannot_be_delivered(self, which: int, late: bool) -> None:
        self.receipts_come(which, ["undelivered", *(["delivered"] if late else [])])
        self.the_workers_work("accepts", None, 0)

    def _texts(self) -> list[Accepted]:
        """Only of texts do receipts come: a mail server says all while the line is open."""
        return [each for each in self.world.accepted if each.channel == "sms"]

    def _surveys(self) -> list[Accepted]:
        """Surveys that may be answered: the last text to their person, of this week, the first
        time."""
        newest = {each.recipient: each for each in self._texts()}
        since = self._now() - timedelta(days=6)
        return [
            each
            for each in newest.values()
            if step_in(self.world, each.reminder_id) == ("cart", 3)
            and each.examined_at > since
            and each.reminder_id not in self.world.answered
            and self.world.has_sequence
        ]
