"""What follows an answer to "why was it left?": one rule per reason. Pure.

| reason | what follows |
|---|---|
| shipping | the free shipping that the policy allows (`offers.decide` says so); else a calm step |
| account | the link to order as a guest; where the shop has none, a person |
| deciding | a later, calmer step: at the hour they named, else after `CALM_AFTER` |
| no time | a reminder at the hour they named; without one, a day later |
| other | the merchant, and the programme pauses for this person |
| none | a reply that is neither an answer nor a stop: as "other" |

One survey is followed up once: a second answer goes to the merchant. A reply that stops is for
`stop_words` and `consent`; nothing follows it here. A cart that is over gets no message.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from recovery.hour_wishes import moment
from recovery.offer_facts import Decision, Gift
from recovery.survey import Answer, Left

CALM_AFTER = timedelta(days=3)
NEXT_DAY = timedelta(days=1)
OUTSIDE_CAPS = timedelta(hours=24)  # an answer to a person's own reply


class Follow(StrEnum):
    """What is done."""

    OFFER = "offer"
    GUEST_LINK = "guest_link"
    CALM_STEP = "calm_step"
    AT_HOUR = "at_hour"
    MERCHANT = "merchant"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Chance:
    """What the shop can do for this person. `shipping` is `offers.decide` for free shipping.

    `decent` gives the first moment from an aware UTC one on at which a text may leave there,
    None when there is none in time (`timing.next_decent` with the person's hours).
    """

    shipping: Decision
    guests_may_order: bool
    cart_is_open: bool
    answered_before: bool
    decent: Callable[[datetime], datetime | None]


@dataclass(frozen=True, slots=True)
class Next:
    """What follows. `at` (UTC) is when its message is due; None: there is none.

    `pauses`: the person's programme stops until the merchant goes on. `outside_caps`: it is due
    within a day of the reply, so the caps do not count it; STOP and decent hours always do.
    """

    follow: Follow
    at: datetime | None = None
    pauses: bool = False
    outside_caps: bool = False


TO_A_PERSON = Next(Follow.MERCHANT, pauses=True)


def follows(answer: Answer, chance: Chance, now: datetime, zone: str) -> Next:
    """What follows `answer`, given at `now` (aware) by a shopper of `zone` (IANA)."""
    if answer.stops:
        return Next(Follow.NOTHING)
    if answer.reason in {None, Left.OTHER} or chance.answered_before:
        return TO_A_PERSON
    if not chance.cart_is_open:
        return Next(Follow.NOTHING)
    if answer.reason is Left.ACCOUNT and not chance.guests_may_order:
        return TO_A_PERSON
    follow, wished = _wanted(answer, chance, now, zone)
    at = chance.decent(wished)
    if at is None:
        return Next(Follow.NOTHING)
    return Next(follow, at, outside_caps=at - now <= OUTSIDE_CAPS)


def _wanted(answer: Answer, chance: Chance, now: datetime, zone: str) -> tuple[Follow, datetime]:
    if answer.reason is Left.SHIPPING and chance.shipping.gift is not Gift.NONE:
        return Follow.OFFER, now
    if answer.reason is Left.ACCOUNT:
        return Follow.GUEST_LINK, now
    named = moment(answer.wish, now, zone) if answer.wish else None
    if answer.reason is Left.NO_TIME:
        return (Follow.AT_HOUR, named) if named else (Follow.CALM_STEP, now + NEXT_DAY)
    return Follow.CALM_STEP, named or now + CALM_AFTER
