"""The proof of what one person agreed to at one shop: every row, in order, under digests.

Each entry bears the SHA-256 of itself and of the digest before it; the last one stands for
the whole. The same rows give the same text, to the byte, on any day. The rows of the ledger
come first, in the order in which they were written, so that a digest of theirs that was kept
elsewhere (with a notary, in a mail) is found in every later proof, unless something before it
was changed. Without one kept elsewhere, somebody who may write into the database could write
a whole new chain. How the stops stand comes last: that changes, when one is taken back.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from recovery import tables
from recovery.consent_words import kind_of, words_of
from recovery.contacts import e164, email_key

_CONSENTS = tables.consents
_STOPS = tables.suppressions
#: What an entry tells, in this order. Times are UTC; "" where nothing is known.
COLUMNS = (
    "entry",  # "consent", or "stop": how the stop of that channel stands
    "who",
    "channel",
    "said",  # "yes", "no"
    "at",
    "source",
    "by",  # the kind of source
    "source_in_words",
    "words",
    "language",
    "page",
    "ip",
    "recorded_at",
    "lifted_at",
    "written_back_at",
    "digest",
)
_SEEDED_BY = "relance consents 1"  # another form is another number


@dataclass(frozen=True, slots=True)
class Proof:
    """All that the ledger holds of an address at a shop; `digest` is that of the last entry."""

    shop: str
    address: str
    entries: tuple[Mapping[str, str], ...]
    digest: str


def of_address(db: Connection, shop: Any, address: str) -> Proof:
    """The proof for an e-mail or a phone at a shop, in whatever form it is typed.

    `shop` has an `id`, a `key` and a `country`. Somebody unknown has no entries.
    """
    known = email_key(address) or e164(address, shop.country) or address.strip()
    rows = [*_said(db, shop.id, known), *_stops(db, shop.id, known)]
    entries, digest = _chained(shop.key, known, rows)
    return Proof(shop.key, known, tuple(entries), digest)


def as_json(proof: Proof) -> str:
    """The proof as JSON."""
    told = {"shop": proof.shop, "address": proof.address, "digest": proof.digest}
    told |= {"entries": list(proof.entries)}  # type: ignore[dict-item]
    return json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def as_csv(proof: Proof) -> str:
    """The proof as CSV: a row for each entry, and one that bears the last digest.

    A cell that a spreadsheet would take for a formula gets a ' before it.
    """
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    table.writeheader()
    for entry in proof.entries:
        table.writerow({name: _harmless(value) for name, value in entry.items()})
    last = {"entry": "end", "who": _harmless(proof.address), "digest": proof.digest}
    table.writerow(dict.fromkeys(COLUMNS, "") | last)
    return text.getvalue()


def is_whole(text: str, digest: str | None = None) -> bool:
    """Whether a proof in JSON is as it was made.

    `digest` is one that was kept elsewhere, of an entry of an earlier proof.
    """
    try:
        told = json.loads(text)
        shop, address, entries = told["shop"], told["address"], told["entries"]
        bare = [{name: each[name] for name in COLUMNS if name != "digest"} for each in entries]
        again, last = _chained(str(shop), str(address), bare)
        claimed = [each["digest"] for each in entries]
    except (ValueError, LookupError, TypeError, RecursionError):
        return False
    is_same = [each["digest"] for each in again] == claimed and last == told.get("digest")
    return is_same and (digest is None or digest in (last, *claimed))


def _chained(
    shop: str, address: str, rows: Sequence[Mapping[str, str]]
) -> tuple[list[dict[str, str]], str]:
    digest = _sha256([_SEEDED_BY, shop, address])
    entries = []
    for row in rows:
        digest = _sha256([digest, *(row[name] for name in COLUMNS if name != "digest")])
        entries.append({**row, "digest": digest})
    return entries, digest


def _sha256(parts: Sequence[str]) -> str:
    # As JSON: joined by a sign, two different rows could be the same text.
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()


def _said(db: Connection, shop_id: int, address: str) -> list[dict[str, str]]:
    here = (_CONSENTS.c.address == address, _CONSENTS.c.shop_id == shop_id)
    rows = db.execute(select(_CONSENTS).where(*here).order_by(_CONSENTS.c.id))
    return [
        _entry(
            "consent",
            row,
            said="yes" if row.granted else "no",
            words=row.words,
            language=row.language or "",
            page=row.page or "",
            ip=row.ip or "",
            recorded_at=_time(row.recorded_at),
        )
        for row in rows
    ]


def _stops(db: Connection, shop_id: int, address: str) -> list[dict[str, str]]:
    here = (_STOPS.c.address == address, _STOPS.c.shop_id == shop_id)
    rows = db.execute(select(_STOPS).where(*here).order_by(_STOPS.c.at, _STOPS.c.channel))
    return [
        _entry(
            "stop",
            row,
            said="no",
            lifted_at=_time(row.lifted_at),
            written_back_at=_time(row.written_back_at),
        )
        for row in rows
    ]


def _entry(entry: str, row: Any, **more: str) -> dict[str, str]:
    told = dict.fromkeys((name for name in COLUMNS if name != "digest"), "")
    kind = kind_of(row.source)
    told |= {"entry": entry, "who": row.address, "channel": row.channel, "at": _time(row.at)}
    told |= {"source": row.source, "source_in_words": words_of(row.source)}
    return told | {"by": "" if kind is None else kind.value} | more


def _time(value: datetime | None) -> str:
    return "" if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")


def _harmless(value: str) -> str:
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
