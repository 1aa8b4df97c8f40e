"""What an operator sets for one shop, from the command line: looked at whole, then written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from recovery import changes, offer_policy, tables, timing, welcome
from recovery.answer_facts import STAGES
from recovery.database import Database
from worker import setting_words

_SHOPS = tables.shops
_WORDS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
_DAY = int(timedelta(days=1).total_seconds())
_PROMISE = int(timing.PROMISE.total_seconds())
_LEAST_IDLE = int(timing.LEAST_IDLE.total_seconds())
_LONGEST_CAP = 365 * _DAY
_SHOWN = ("platform", "address", "state", "stand_in", "currency")


class NotSettable(Exception):
    """What was asked for cannot be set; the text has a line for each thing that is wrong."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How a value is read from its words; raises `ValueError` with what it must be."""

    read: Callable[[str], Any]
    written: Callable[[Any], str] = str


def change(
    database: Database, shop_key: str, given: Iterable[str], now: datetime | None = None
) -> list[str]:
    """Set `name=value` … of that shop, all or none; the shop's settings after that, as lines.

    `now` is when that is, by default the present. Raises `NotSettable` with everything that
    is wrong.
    """
    at, wanted = now or datetime.now(UTC), list(given)
    return database.run(lambda db: _change(db, shop_key, wanted, at))


def show(database: Database, shop_key: str) -> list[str]:
    """The settings of that shop, as lines of `name=value`. Raises `NotSettable`."""
    with database.reading() as db:
        return _lines(_shop(db, shop_key))


def _change(db: Connection, shop_key: str, given: list[str], now: datetime) -> list[str]:
    # One at a time: two values may only be right together.
    mine = select(_SHOPS.c.id).where(_SHOPS.c.key == shop_key)
    db.execute(mine.with_for_update(key_share=True))
    shop = _shop(db, shop_key)
    values, wrong = _read(given)
    wrong += _broken_rules(dict(shop) | values, values)
    wrong += _unreadable_offers(values, str(shop["currency"]))
    if wrong:
        raise NotSettable("\n".join(wrong))
    changes.set_of_shop(db, shop["id"], values, now)
    if values.get("welcome_code", shop["welcome_code"]) != shop["welcome_code"]:
        welcome.settle(db, shop["id"], now)  # what was wrong with the other code
    return _lines(_shop(db, shop_key))


def _shop(db: Connection, shop_key: str) -> Mapping[str, Any]:
    columns = [_SHOPS.c[name] for name in ("id", *_SHOWN, *SETTINGS)]
    row = db.execute(select(*columns).where(_SHOPS.c.key == shop_key)).mappings().first()
    if row is None:
        raise NotSettable(f"no shop has the key {shop_key!r}")
    return dict(row)


def _read(given: Iterable[str]) -> tuple[dict[str, Any], list[str]]:
    values: dict[str, Any] = {}
    wrong = [] if given else ["nothing is to be set; say name=value"]
    for each in given:
        name, equals, words = each.partition("=")
        setting = SETTINGS.get(name)
        if not equals:
            wrong.append(f"{each}: say name=value")
        elif setting is None:
            wrong.append(f"{name}: no such setting; there are {', '.join(SETTINGS)}")
        elif name in values:
            wrong.append(f"{name}: given twice")
        else:
            try:
                values[name] = setting.read(words.strip())
            except ValueError as error:
                wrong.append(f"{name}: {error}")
    return values, wrong


def _broken_rules(after: Mapping[str, Any], changed: Mapping[str, Any]) -> list[str]:
    """What would be promised no longer: for a real shop the hours, the idle time, the cap."""
    is_real = after["platform"] != "sandbox" and not after["stand_in"]
    too_long = after["idle_seconds"] + after["delay_seconds"] > _PROMISE
    rules = (
        ("any_hour", is_real and after["any_hour"], "only for the sandbox and stand-ins"),
        (
            "idle_seconds",
            is_real and after["idle_seconds"] < _LEAST_IDLE,
            f"at least {_LEAST_IDLE}: nobody is reminded of a cart they just filled",
        ),
        (
            "cap_seconds",
            is_real and after["cap_seconds"] < _DAY,
            f"at least {_DAY}: a number gets at most one reminder a day",
        ),
    )
    wrong = [f"{name}: {words}" for name, broken, words in rules if broken and name in changed]
    if too_long and changed.keys() & {"idle_seconds", "delay_seconds"}:
        wrong.append(
            f"idle_seconds and delay_seconds: together at most {_PROMISE}, the twelve hours "
            "in which a reminder leaves"
        )
    return wrong


def _unreadable_offers(changed: Mapping[str, Any], currency: str) -> list[str]:
    """Amounts of the rules for offers are in the shop's currency: they are read with it."""
    try:
        offer_policy.read(changed.get("offer_policy", ""), currency)
    except offer_policy.UnreadablePolicy as error:
        return [f"offer_policy: {error}"]
    return []


def _lines(shop: Mapping[str, Any]) -> list[str]:
    about = [f"# {name}: {_in_words(shop[name])}" for name in _SHOWN]
    return [*about, *(f"{name}={SETTINGS[name].written(shop[name])}" for name in SETTINGS)]


def _in_words(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _seconds(most: int) -> Callable[[str], int]:
    def read(words: str) -> int:
        if not (words.isascii() and words.isdigit()) or len(words) > 9 or int(words) > most:
            raise ValueError(f"a number of seconds, from 0 to {most}")
        return int(words)

    return read


def _yes_or_no(words: str) -> bool:
    if words.lower() not in _WORDS:
        raise ValueError("yes or no")
    return _WORDS[words.lower()]


def _stages(words: str) -> str:
    named = {each.strip() for each in words.split(",")} - {"", "none"}
    unknown = sorted(named - set(STAGES))
    if unknown:
        raise ValueError(f"no such stage: {', '.join(unknown)}; there are {', '.join(STAGES)}")
    return ",".join(stage for stage in STAGES if stage in named)


def _code(words: str) -> str:
    if words.lower() in ("", "none"):
        return ""
    # One word of plain letters: it stands in a text, and is typed from there.
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", words):
        raise ValueError("a discount code of letters, digits, - and _, at most 40; or none")
    return words


def _addresses(words: str) -> str:
    """Addresses as the shop's own is kept, separated by spaces; `none` for none."""
    from connectors.woocommerce.install import clean_address

    told = [each for each in words.replace(",", " ").split() if each != "none"]
    clean = [clean_address(each) for each in told]
    if None in clean:
        raise ValueError("addresses such as https://shop.example, separated by commas, or none")
    return " ".join(each for each in clean if each)


def _or_none(value: str | None) -> str:
    return value or "none"


_SWITCH = Setting(_yes_or_no, _in_words)
#: To add a setting, add a row; the name is the column's.
SETTINGS: dict[str, Setting] = {
    "idle_seconds": Setting(_seconds(_PROMISE)),
    "delay_seconds": Setting(_seconds(_PROMISE)),
    "cap_seconds": Setting(_seconds(_LONGEST_CAP)),
    "any_hour": _SWITCH,
    "order_texts": Setting(_stages, lambda stages: stages or "none"),
    "other_addresses": Setting(_addresses, lambda addresses: addresses or "none"),
    "double_opt_in": _SWITCH,
    "email_double_opt_in": _SWITCH,
    "customers_may_be_texted": _SWITCH,
    "customers_may_be_mailed": _SWITCH,
    "guests_may_order": _SWITCH,
    "smart_encoding": _SWITCH,
    "merchant_email": Setting(setting_words.email, _or_none),
    "postal_address": Setting(
        setting_words.lines, lambda text: text.replace("\n", " | ") or "none"
    ),
    "colour": Setting(setting_words.colour, _or_none),
    "logo": Setting(setting_words.picture, _or_none),
    "offer_policy": Setting(setting_words.as_json(lambda text: text), _or_none),
    "credit_rule": Setting(setting_words.rule_of_credit, _or_none),
    "sms_prices": Setting(setting_words.prices, _or_none),
    "welcome_code": Setting(_code, lambda code: code or "none"),
}
