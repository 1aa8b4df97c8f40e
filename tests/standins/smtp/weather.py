"""What an e-mail may meet: the scripted answers, the dice, the greylist."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Answer:
    """What one e-mail meets. `at`: the command it is said to, "mail", "rcpt", "data" (before
    the message) or "dot" (after it); `words`: the reply, None for the usual one.

    `ending`: "reply", "close" (the line ends in good order without a reply), "reset" (TCP),
    "silence" (never a reply). `accepted`: whether the e-mail is taken.
    """

    at: str
    words: str | None = None
    ending: str = "reply"
    accepted: bool = False


ANSWERS = {
    "accept": Answer("dot", accepted=True),
    "refuse_sender": Answer("mail", "553 5.1.8 Sender address rejected: domain not found"),
    "log_in_first": Answer("mail", "530 5.7.0 Authentication required"),
    "too_large": Answer("mail", "552 5.3.4 Message size exceeds fixed limit"),
    "busy_sender": Answer("mail", "452 4.3.1 Insufficient system storage"),
    "closing": Answer("mail", "421 4.4.2 Too long idle"),
    "refuse_recipient": Answer("rcpt", "550 5.1.1 <{recipient}>: user unknown"),
    "no_relay": Answer("rcpt", "554 5.7.1 <{recipient}>: Relay access denied"),
    "full_mailbox": Answer("rcpt", "452 4.2.2 <{recipient}>: mailbox full"),
    "greylist": Answer("rcpt", "451 4.7.1 <{recipient}>: greylisted, try again later"),
    "no_data": Answer("data", "554 5.5.1 No valid recipients"),
    "drop_at_mail": Answer("mail", ending="close"),
    "drop_before": Answer("data", ending="close"),
    "reset_before": Answer("data", ending="reset"),
    "refuse_content": Answer("dot", "550 5.7.1 Message for {recipient} looks like spam"),
    "unproven": Answer("dot", "550 5.7.26 Unauthenticated e-mail is not accepted"),
    "defer_content": Answer("dot", "451 4.3.0 Scanner is busy with mail for {recipient}"),
    "closing_after": Answer("dot", "421 4.3.2 Shutting down"),
    "drop_after": Answer("dot", ending="close", accepted=True),
    "reset_after": Answer("dot", ending="reset", accepted=True),
    "silence_after": Answer("dot", ending="silence", accepted=True),
    "rubbish_after": Answer("dot", "hello", accepted=True),
    "go_on_after": Answer("dot", "354 Go on", accepted=True),
}


@dataclass(slots=True)
class Weather:
    """How the stand-in behaves until told otherwise.

    `script`: answer names for the next e-mails, before any dice. `chances`: answer name →
    probability; what is left over is accepted. `greylists`: the first try of each sender and
    recipient is put off, later ones are not. `close_after`: e-mails on one line after which
    it is closed unannounced.
    """

    seed: int = 0
    script: list[str] = field(default_factory=list)
    chances: dict[str, float] = field(default_factory=dict)
    greylists: bool = False
    close_after: int | None = None

    def __post_init__(self) -> None:
        wrong = (set(self.chances) | set(self.script)) - set(ANSWERS)
        if wrong or sum(self.chances.values()) > 1:
            raise ValueError(f"no such answer: {sorted(wrong)}, or chances above 1")


class Sky:
    """A weather at work: its dice, its greylist, what is left of its script."""

    def __init__(self, weather: Weather) -> None:
        self.weather = weather
        self._dice = random.Random(weather.seed)
        self._script = deque(weather.script)
        self._known: set[tuple[str, str]] = set()

    def next_answer(self) -> Answer:
        """The answer to the e-mail that begins now."""
        if self._script:
            return ANSWERS[self._script.popleft()]
        if self.weather.chances:
            throw = self._dice.random()
            for name, chance in self.weather.chances.items():
                throw -= chance
                if throw < 0:
                    return ANSWERS[name]
        return ANSWERS["accept"]

    def is_put_off(self, sender: str, recipient: str) -> bool:
        """Whether the greylist sees these two together for the first time."""
        pair = (sender, recipient)
        is_new = self.weather.greylists and pair not in self._known
        self._known.add(pair)
        return is_new
