"""The shares by which a programme's people are drawn over its variants, while it learns them.

A row each time they are worked out, never changed: what it was worked out from stands beside,
and whoever is drawn by it names it (`arms.split_id`). So each draw can be explained later, and
a comparison knows by which shares its people were drawn.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from recovery import tables
from recovery.adaptive import Matured

_SPLITS = tables.splits


@dataclass(frozen=True, slots=True)
class Split:
    """Shares of 100 treated people by variant; what they leave over is the control's.

    `reminders`, `matured` and `seed` are what `adaptive.split` made them from at `at`.
    """

    version_id: int
    at: datetime
    weights: Mapping[str, int]
    reminders: int
    matured: Mapping[str, Matured]
    seed: int
    id: int = 0


def add(db: Connection, shop_id: int, programme: str, split: Split) -> int:
    """Keep it beside the earlier ones; its id. From now on it stands."""
    counted = {name: [each.people, each.rewarded] for name, each in split.matured.items()}
    row = {
        "shop_id": shop_id,
        "programme": programme,
        "version_id": split.version_id,
        "at": split.at,
        "weights": json.dumps(dict(split.weights), sort_keys=True),
        "reminders": split.reminders,
        "matured": json.dumps(counted, sort_keys=True),
        "seed": split.seed,
    }
    made = _SPLITS.insert().values(**row).returning(_SPLITS.c.id)
    return int(db.execute(made).scalar_one())


def standing(db: Connection, version_ids: Iterable[int]) -> dict[int, Split]:
    """By version, the newest of its splits; none where none was worked out yet."""
    mine = _SPLITS.c.version_id.in_(list(version_ids))
    newest = select(func.max(_SPLITS.c.id)).where(mine).group_by(_SPLITS.c.version_id)
    rows = db.execute(select(_SPLITS).where(_SPLITS.c.id.in_(newest)))
    return {row.version_id: _split(row) for row in rows}


def of_ids(db: Connection, ids: Iterable[int]) -> dict[int, Split]:
    """These splits, by id."""
    rows = db.execute(select(_SPLITS).where(_SPLITS.c.id.in_(list(ids))))
    return {row.id: _split(row) for row in rows}


def _split(row: Any) -> Split:
    counted = {name: Matured(*each) for name, each in json.loads(row.matured).items()}
    weights = json.loads(row.weights)
    return Split(row.version_id, row.at, weights, row.reminders, counted, row.seed, row.id)
