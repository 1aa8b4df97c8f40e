"""When a programme's shares are worked out anew, and from whom: see `recovery.adaptive`.

What is learned from are people whose fourteen days are over, drawn under versions that say the
same to the same people. As the shares change, a variant that grows has more of its people in
late weeks than one that shrinks, so a good season would look like a good variant. Therefore the
rates are taken within people drawn by the same shares, and put together with the same weights
for every variant (direct standardisation): each stretch counts by how many people it treated.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from msgspec import structs
from sqlalchemy import Connection, func, select, update

from recovery import outcomes, programmes, shops, split_rows, tables
from recovery.adaptive import REMINDERS_FIRST, Matured, split
from recovery.model import ZERO
from recovery.outcomes import Outcome
from recovery.programme_form import Programme
from recovery.split_rows import Split

_PROGRAMMES, _REMINDERS = tables.programmes, tables.reminders
#: How often shares may move: people take a fortnight to tell, and each move is a stretch more.
EVERY = timedelta(days=7)
#: Below the first 5,000 reminders it is only asked whether there are as many by now.
ASKED_EVERY = timedelta(days=1)
#: Older people tell of other seasons.
SINCE = timedelta(days=180)
#: What Redis lost, or a dead worker held, is looked at again after this.
PATIENCE = timedelta(minutes=15)
_DAY = datetime(2000, 1, 3, tzinfo=UTC)  # a Monday


@dataclass(frozen=True, slots=True)
class Claimed:
    """One programme whose shares are to be worked out; `until` is whose claim it is."""

    id: int
    shop_id: int
    name: str
    version_id: int
    until: datetime


def is_one_due(db: Connection, now: datetime) -> bool:
    """Whether `hand_out` would find anything; a read."""
    due = select(_PROGRAMMES.c.id).where(_PROGRAMMES.c.split_at <= now)
    return db.execute(due.limit(1)).first() is not None


def hand_out(db: Connection, now: datetime, most: int = 10) -> list[int]:
    """The programmes whose shares are due, by id, each for one worker."""
    due = select(_PROGRAMMES.c.id).where(_PROGRAMMES.c.split_at <= now).limit(most)
    taken = (
        update(_PROGRAMMES)
        .where(_PROGRAMMES.c.id.in_([row.id for row in db.execute(due)]))
        .where(_PROGRAMMES.c.split_at <= now)
        .values(split_at=now + PATIENCE)
        .returning(_PROGRAMMES.c.id)
    )
    return [row.id for row in db.execute(taken)]


def claimed(db: Connection, programme_id: int) -> Claimed | None:
    """What was handed out; None where it adapts nothing any more."""
    columns = [_PROGRAMMES.c[name] for name in ("id", "shop_id", "name", "version_id", "split_at")]
    row = db.execute(select(*columns).where(_PROGRAMMES.c.id == programme_id)).first()
    return None if row is None or row.split_at is None else Claimed(*row)


def worked_out(db: Connection, of: Claimed, now: datetime) -> Split | None:
    """The shares for people drawn from `now` on; None below 5,000 reminders. A read.

    The same for the same rows in the same week: what chance there is comes of a keyed hash.
    Raises LookupError for a version or a shop that is not there.
    """
    sent = _reminders_sent(db, of)
    if sent < REMINDERS_FIRST:
        return None
    form = programmes.of_versions(db, [of.version_id])[of.version_id]
    names = [each.name for each in form.variants]
    known = standardised(_alike(db, of, form, now), names)
    weights = {each.name: each.weight for each in form.variants}
    seed = _seed(db, of, now)
    return Split(of.version_id, now, split(known, weights, sent, seed), sent, known, seed)


def keep(db: Connection, of: Claimed, found: Split | None, now: datetime) -> bool:
    """Let `found` stand, and say when the next is due; False: another version came meanwhile."""
    again = now + (ASKED_EVERY if found is None else EVERY)
    mine = (
        _PROGRAMMES.c.id == of.id,
        _PROGRAMMES.c.version_id == of.version_id,
        _PROGRAMMES.c.split_at == of.until,
    )
    moved = update(_PROGRAMMES).where(*mine).values(split_at=again).returning(_PROGRAMMES.c.id)
    if db.execute(moved).first() is None:
        return False
    if found is not None:
        split_rows.add(db, of.shop_id, of.name, found)
    return True


def standardised(
    people: Iterable[tuple[Outcome, object]], names: Iterable[str]
) -> dict[str, Matured]:
    """What is known of each variant, as if all had been drawn by the same shares throughout.

    `people` come with what tells those of the same shares. A stretch in which a variant had
    nobody says nothing of it.
    """
    there: Counter[tuple[str, object]] = Counter()
    rewarded: Counter[tuple[str, object]] = Counter()
    treated: Counter[object] = Counter()
    for each, stretch in people:
        treated[stretch] += 1
        there[each.arm, stretch] += 1
        rewarded[each.arm, stretch] += each.net > ZERO
    found = {}
    for name in names:
        stretches = [stretch for stretch in treated if there[name, stretch]]
        found[name] = _together(
            [(there[name, each], rewarded[name, each], treated[each]) for each in stretches]
        )
    return found


def _together(counts: list[tuple[int, int, int]]) -> Matured:
    """One rate of several: of each people, rewards and weight; worth as many people as it is.

    That is how many would tell a rate as exactly: 1 / Σ (weight² / people).
    """
    whole = sum(weight for _, _, weight in counts)
    if not whole:
        return Matured(0, 0)
    rate = sum(weight / whole * rewards / people for people, rewards, weight in counts)
    worth = 1 / sum((weight / whole) ** 2 / people for people, _, weight in counts)
    return Matured(round(worth), min(round(worth), round(rate * worth)))


def _alike(
    db: Connection, of: Claimed, form: Programme, now: datetime
) -> list[tuple[Outcome, object]]:
    """The treated of all versions with the same content, with the shares they were drawn by."""
    seen = outcomes.of_people(db, of.shop_id, of.name, now - SINCE, now, now)
    people = [each for each in seen.people if not each.is_held_out]
    drawn = DrawnBy(db, people)
    same = {id_ for id_, each in drawn.forms.items() if _content(each) == _content(form)}
    return [(each, drawn.weights(each)) for each in people if each.version_id in same]


class DrawnBy:
    """By which shares these people were drawn: their version's, or a split's."""

    def __init__(self, db: Connection, people: Iterable[Outcome]) -> None:
        rows = list(people)
        versions = {each.version_id for each in rows if each.version_id is not None}
        splits = {each.split_id for each in rows if each.split_id is not None}
        self.forms = programmes.of_versions(db, versions) if versions else {}
        self._splits = split_rows.of_ids(db, splits) if splits else {}

    def form(self, person: Outcome) -> Programme | None:
        """The programme as it was when this person was drawn, if it is known."""
        return self.forms.get(person.version_id or 0)

    def weights(self, person: Outcome) -> tuple[tuple[str, int], ...]:
        """The variants with their shares of 100, by name."""
        learned = self._splits.get(person.split_id or 0)
        if learned is not None:
            return tuple(sorted(learned.weights.items()))
        form = self.form(person)
        return tuple(sorted((each.name, each.weight) for each in form.variants)) if form else ()


def _content(form: Programme) -> Programme:
    """What a person meets, whatever shares they were drawn by."""
    variants = [structs.replace(each, weight=0) for each in form.variants]
    variants.sort(key=lambda each: each.name)
    alike = structs.replace(form, variants=tuple(variants), holdout=0.0, adaptive=False)
    return structs.replace(alike, source="")


def _reminders_sent(db: Connection, of: Claimed) -> int:
    mine = (_REMINDERS.c.shop_id == of.shop_id, _REMINDERS.c.programme == of.name)
    sent = select(func.count()).where(*mine, _REMINDERS.c.sent_at.is_not(None))
    return int(db.execute(sent).scalar_one())


def _seed(db: Connection, of: Claimed, now: datetime) -> int:
    """A number of the programme and the week, by the shop's own key (HMAC-SHA256)."""
    shop = shops.by_id(db, of.shop_id)
    if shop is None:
        raise LookupError("no such shop")
    week = (now - _DAY) // timedelta(days=7)
    digest = hmac.digest(shop.draw_key.encode(), f"split:{of.id}:{week}".encode(), "sha256")
    return int.from_bytes(digest[:4], "big") >> 1
