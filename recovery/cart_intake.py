"""Snapshots of carts become rows: many at a time, in the transaction of `intake.record`.

The rules, in the order they are asked:

1. A snapshot belongs to the cart that answers to one of its keys, unless both have
   a platform name and the names differ.
2. Older than what we hold: it changes nothing. Of the same instant: it fills blanks.
   Newer: it replaces what its source can see, and restarts the idle clock.
3. An ordered cart stays ordered. An abandoned one that changes is open again.
4. Sources that see little have rules of their own: see `recovery.sights`.
5. From before its shopper said "no thanks", a snapshot changes nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, select, update

from recovery import bots, consent, lines, people, search_words, sights, states, tables
from recovery.bulk import insert_rows, listed, one_of, update_rows
from recovery.cart_keys import key_within, shortened
from recovery.model import Cart, Channel, Origin
from recovery.people import Marks
from recovery.planning import PARKED, first_look
from recovery.shops import ShopRow
from recovery.sights import Weight

Arrival = tuple[ShopRow, Cart]

_CARTS = tables.carts
_KEYS = tables.cart_keys
# The raw payload is large and never compared, so it is not read back.
_READ = [column for column in _CARTS.c if column.name not in ("raw", "ended_because")]
_SHOPPERS_OWN = ("lines", "total", "discount_codes", "email", "phone", "phone_raw", "first_name")
_NO_TIME = timedelta(0)
_MOST_ITEMS = 2**31 - 1  # what the column holds; a shopper may type any quantity
_RAW = frozenset({"raw"})
_LASTING = frozenset(
    {"id", "shop_id", "key", "state", "created_at", "recorded_at", "abandoned_at", "silenced_at"}
)


@dataclass(slots=True)
class Held:
    """A cart during one intake: its row's values, and what became of it."""

    values: dict[str, Any]
    keys: set[str] = field(default_factory=set)
    is_new: bool = False
    changed: bool = False
    restarted: bool = False
    completed_at: datetime | None = None
    declined_at: datetime | None = None
    is_past: bool = False  # it was left before the install
    too_late: list[Arrival] = field(default_factory=list)  # from before it was declined
    before: dict[str, Any] | None = None  # the row as it was read; None: it is new
    last_names: set[str] = field(default_factory=set)  # that were seen, which no row of it holds

    @property
    def may_begin_again(self) -> bool:
        """Whether its shopper changed it; of one from before the install, by what it holds.

        Platforms touch checkouts by themselves, and each door shows names and phones its own
        way: other goods or another e-mail are the shopper's doing.
        """
        if not (self.restarted and self.is_past and self.before):
            return self.restarted
        return _goods(self.values) != _goods(self.before)

    @property
    def id(self) -> int:
        """The row's id; known for new ones only after they were inserted."""
        found: int = self.values["id"]
        return found


def record_carts(db: Connection, arrivals: Sequence[Arrival], now: datetime) -> list[Held]:
    """Store snapshots of carts in the order given; give the carts they ended in."""
    marks = [people.marks_of(cart.shopper, shop.country) for shop, cart in arrivals]
    _record_people_and_consents(db, arrivals, marks, now)
    known = _known(db, {key for shop, cart in arrivals for key in keys_of(shop.id, cart)})
    touched: dict[int, Held] = {}
    for (shop, cart), known_by in zip(arrivals, marks, strict=True):
        held = _take(known, shop, cart, _values(shop, cart, known_by, now))
        touched[id(held)] = held
    carts = list(touched.values())
    _no_longer_declined(db, [held.id for held in carts if held.declined_at and held.restarted])
    for held in carts:
        if held.values["sources"] == sights.CART:  # nobody's yet
            held.values["look_at"] = PARKED
    _mark_crowds(db, carts, now)
    _insert(db, [held for held in carts if held.is_new])
    _update(db, [held for held in carts if held.changed and not held.is_new])
    _keep_keys(db, carts)
    search_words.keep(db, [held for held in carts if held.is_new or held.changed])
    return carts


def keys_of(shop_id: int, cart: Cart) -> list[str]:
    """Every key that this snapshot answers to, as kept in `cart_keys`."""
    named = () if cart.name is None else (f"name:{cart.name}",)
    return [key_within(shop_id, key) for key in dict.fromkeys((cart.key, *named, *cart.aliases))]


def _record_people_and_consents(
    db: Connection, arrivals: Sequence[Arrival], marks: Sequence[Marks], now: datetime
) -> None:
    people.record(
        db,
        [
            (shop.id, cart.shopper, known_by, cart.changed_at)
            for (shop, cart), known_by in zip(arrivals, marks, strict=True)
        ],
    )
    words = [
        consent.word_of(shop.id, each, cart.shopper.country or shop.country)
        for shop, cart in arrivals
        for each in cart.shopper.consents
    ]
    consent.record(db, [word for word in words if word is not None], now)


def _take(known: dict[str, Held], shop: ShopRow, cart: Cart, values: dict[str, Any]) -> Held:
    keys = keys_of(shop.id, cart)
    held = _match(known, keys, _name(cart))
    if held is None:
        own = {"key": _free_key(known, shop, cart)}
        if cart.currency == "":  # an emptied cart shows none
            own["currency"] = shop.currency or ""
        held = Held(values | own, is_new=True)
    elif held.declined_at is not None and cart.changed_at <= held.declined_at:
        held.too_late.append((shop, cart))
    else:
        _merge(held, values, cart)
    if not held.too_late:
        held.last_names.update({cart.shopper.last_name or ""})
    held.completed_at = held.completed_at or cart.completed_at
    fresh = [key for key in keys if key not in known]
    held.keys.update(fresh)
    known.update(dict.fromkeys(fresh, held))
    return held


def _match(known: dict[str, Held], keys: Iterable[str], name: str | None) -> Held | None:
    for key in keys:
        held = known.get(key)
        if held is not None and not (name and held.values["name"] and name != held.values["name"]):
            return held
    return None


def _free_key(known: dict[str, Held], shop: ShopRow, cart: Cart) -> str:
    # Two named carts may share a token of their browser; the second is kept by its name.
    taken = key_within(shop.id, cart.key) in known
    return shortened(f"name:{cart.name}" if taken and cart.name else cart.key, 255)


def _merge(held: Held, new: dict[str, Any], cart: Cart) -> None:
    old, source = held.values, cart.sees
    weight = sights.weight(old, new, source)
    if weight is Weight.NONE:
        return
    if source == sights.CART:
        new = sights.less_than_a_checkout(old, new)
    if weight is Weight.REPLACES:
        values = old | _shown(_less_than_held(old, new, cart))
        if old.get("lines") and values.get("lines"):
            values["lines"] = lines.filled(values["lines"], old["lines"])
        values["bot"] = _bot(old, new)
        if source != sights.CART:
            values["hidden"] = new["hidden"]
        if _is_the_platforms_doing(old, values):
            values |= {"left_at": old["left_at"], "look_at": old["look_at"]}
        else:
            _restart(held, values, new)
    else:
        filled = {name: value for name, value in _shown(new).items() if _is_blank(old, name)}
        if old.get("lines") and new.get("lines"):
            filled["lines"] = lines.filled(old["lines"], new["lines"])
        if weight is Weight.FILLS_AND_LEADS and new["way_back"]:
            filled["way_back"] = new["way_back"]
        values = old | filled | {"raw": old.get("raw")}
    values |= {name: old[name] for name in _LASTING if name in old}
    values["sources"] = sights.joined(old["sources"], source)
    held.changed = held.changed or any(values[name] != old.get(name) for name in values)
    held.values = values


def _restart(held: Held, values: dict[str, Any], new: dict[str, Any]) -> None:
    held.restarted = True
    # A contact left after the snapshot was taken is the shopper's last sign of life.
    old = held.values
    ahead = old["left_at"] - new["left_at"]
    if ahead > _NO_TIME and sights.CONTACT in old["sources"]:
        values |= {"left_at": old["left_at"], "look_at": new["look_at"] + ahead}


def _is_the_platforms_doing(old: dict[str, Any], values: dict[str, Any]) -> bool:
    # WooCommerce cancels unpaid orders by itself, which moves their date: the shopper did
    # nothing, so the idle clock goes on. Without a new state it counts as the shopper's.
    if old["platform_state"] in (None, values["platform_state"]):
        return False
    return all(values[name] == old[name] for name in _SHOPPERS_OWN)


def _is_blank(old: dict[str, Any], name: str) -> bool:
    held = old.get(name)
    if name == "look_at":
        return held == PARKED  # what made it not worth a look may be filled in now
    return held is None or (name == "origin" and held == Origin.UNKNOWN.value)


def _less_than_held(old: dict[str, Any], new: dict[str, Any], cart: Cart) -> dict[str, Any]:
    # A poll may show the phone of an address only, where a webhook or the plugin showed
    # the number that consent was given for: that one stays.
    by_poll = cart.sees == "poll" and old["phone_raw"] and old["sources"] != "poll"
    if by_poll or sights.keeps_its_phone(old, _agrees_to_texts(cart)):
        return new | {"phone": None, "phone_raw": None}
    return new


def _agrees_to_texts(cart: Cart) -> bool:
    return any(each.granted and each.channel is Channel.SMS for each in cart.shopper.consents)


def _bot(old: dict[str, Any], new: dict[str, Any]) -> Any:
    # A poll shows no user agent: only a contact tells that a person is there after all.
    return old["bot"] if new["bot"] is None and _has_no_contact(new) else new["bot"]


def _shown(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _values(shop: ShopRow, cart: Cart, marks: Marks, now: datetime) -> dict[str, Any]:
    left_at = min(cart.changed_at + timedelta(seconds=shop.clock_offset), now)
    codes = cart.discount_codes
    return {
        "shop_id": shop.id,
        "key": shortened(cart.key, 255),
        "name": _name(cart),
        "state": states.at_first(_CARTS),
        "origin": None if cart.origin is Origin.UNKNOWN else cart.origin.value,
        "bot": bots.why_a_bot(cart),
        "customer_key": marks.customer_key,
        "email": marks.email,
        "phone": marks.phone,
        "phone_raw": _cut(cart.shopper.phone, 80),
        "first_name": _cut(cart.shopper.first_name, 120),
        "country": _cut(cart.shopper.country, 2),
        "region": _cut(cart.shopper.region, 10),
        "locale": _cut(cart.locale or cart.shopper.locale, 35),
        "hidden": ",".join(sorted(cart.shopper.hidden)) or None,
        "currency": cart.currency or None,
        "total": cart.totals.total,
        "subtotal": cart.totals.subtotal,
        "discounts": cart.totals.discounts,
        "shipping": cart.totals.shipping,
        "tax": cart.totals.tax,
        "discount_codes": None if codes is None else "\n".join(codes),
        "lines": lines.written(cart.lines),
        "item_count": min(sum(line.quantity for line in cart.lines), _MOST_ITEMS),
        "way_back": cart.way_back,
        "platform_state": _cut(cart.platform_state, 40),
        "client": bots.client_of(cart),
        "sources": cart.sees,
        "created_at": cart.created_at,
        "changed_at": cart.changed_at,
        "left_at": left_at,
        "look_at": first_look(left_at, shop.idle_seconds),
        "abandoned_at": None,
        "recorded_at": now,
        "raw": cart.raw,
    }


def _known(db: Connection, keys: set[str]) -> dict[str, Held]:
    rows = db.execute(_by_keys(db.dialect.name), {"keys": listed(keys)}).mappings()
    by_id: dict[int, Held] = {}
    known: dict[str, Held] = {}
    for row in rows:
        values = dict(row)
        key, because = values.pop("cart_key"), values.pop("ended_because")
        held = known[key] = by_id.setdefault(values["id"], Held(values, before=values))
        if because == states.NO_THANKS:
            held.declined_at = values["changed_at"]
        held.is_past = because == states.BEFORE_THE_INSTALL
    return known


@lru_cache
def _by_keys(kind: str) -> Select[Any]:
    statement = (
        select(_KEYS.c.key.label("cart_key"), _CARTS.c.ended_because, *_READ)
        .join(_CARTS, _CARTS.c.id == _KEYS.c.cart_id)
        .where(one_of(kind, _KEYS.c.key, "keys"))
    )
    # Two snapshots of one cart at once: the second waits, and then sees the first.
    # SQLite has one writer anyway.
    return statement if kind == "sqlite" else statement.with_for_update(of=_CARTS)


def _no_longer_declined(db: Connection, cart_ids: Sequence[int]) -> None:
    if cart_ids:
        db.execute(update(_CARTS).where(_CARTS.c.id.in_(cart_ids)).values(ended_because=None))


def _mark_crowds(db: Connection, carts: list[Held], now: datetime) -> None:
    empty = [held for held in carts if held.is_new and _has_no_contact(held.values)]
    clients = {held.values["client"] for held in empty if held.values["client"]}
    crowded = bots.crowded_clients(db, clients, now)
    for held in empty:
        if held.values["client"] in crowded and held.values["bot"] is None:
            held.values["bot"] = "one client, many empty carts"


def _has_no_contact(values: dict[str, Any]) -> bool:
    return not (values["email"] or values["phone_raw"] or values["customer_key"])


def _insert(db: Connection, carts: list[Held]) -> None:
    if not carts:
        return
    for held in carts:
        held.values["origin"] = held.values["origin"] or Origin.UNKNOWN.value
    rows = insert_rows(
        db, _CARTS, [held.values for held in carts], returning=("id", "shop_id", "key")
    )
    ids = {(row.shop_id, row.key): row.id for row in rows}
    for held in carts:
        held.values["id"] = ids[held.values["shop_id"], held.values["key"]]


def _update(db: Connection, carts: list[Held]) -> None:
    names = [column.name for column in _READ if column.name not in _LASTING]
    rows = [
        {"id": held.id, **{name: held.values[name] for name in (*names, "raw")}} for held in carts
    ]
    update_rows(db, _CARTS, rows, keep=_RAW)


def _keep_keys(db: Connection, carts: list[Held]) -> None:
    rows = [{"key": key, "cart_id": held.id} for held in carts for key in held.keys]
    if rows:
        # A key that another process took meanwhile breaks the constraint: the whole
        # intake is done again and then finds that cart, instead of making it twice.
        insert_rows(db, _KEYS, rows)


def _goods(values: dict[str, Any]) -> tuple[Any, ...]:
    bought = [
        (line.product_key, line.variant_key, line.quantity) for line in lines.read(values["lines"])
    ]
    return values["email"], sorted(bought, key=str)


def _name(cart: Cart) -> str | None:
    return shortened(cart.name, 80) if cart.name else None


def _cut(text: str | None, length: int) -> str | None:
    return text[:length] if text else None
