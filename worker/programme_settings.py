"""The programme of one shop, from the command line: shown, taken from a preset or a file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from msgspec import json, structs
from sqlalchemy import Connection

from recovery import accounts, condition_words, presets, programmes, rich_kinds, shops
from recovery.database import Database
from recovery.programme_form import Incentive, Programme, Step, UnreadableProgramme, read
from recovery.programmes import CART, NotSavable, Running
from recovery.shops import ShopRow
from worker.shop_settings import NotSettable

_KINDS = ("percent", "amount", "free_shipping")
_AUTHOR = "the command line"
_SAID = "preset=, file=, offer=, holdout=, adaptive"


def change(database: Database, shop_key: str, given: Iterable[str], now: datetime) -> list[str]:
    """Do what is `given` to the programme for carts; the programme after that, as lines.

    `preset=fashion` takes a ready one over, `file=programme.json` one that was written;
    `offer=percent:10`, `offer=free_shipping` gives an incentive in its second step, and
    `offer=percent:10:cart` or `offer=amount:5:123,456` one on lines, of the cart or by product;
    `holdout=0.1` sets the share held out; `adaptive=yes` lets it learn its variants' shares;
    `on`, `off` switch it; `json` shows it as a file.
    Raises `NotSettable` with everything that is wrong.
    """
    wanted = list(given)
    return database.run(lambda db: _change(db, shop_key, wanted, now))


def _change(db: Connection, shop_key: str, given: list[str], now: datetime) -> list[str]:
    shop = shops.by_key(db, shop_key)
    if shop is None:
        raise NotSettable(f"no shop has the key {shop_key!r}")
    form = _asked_for(shop, given, _held(db, shop)[2])
    if form is not None:
        try:
            programmes.save(db, shop.id, CART, form, _AUTHOR, now)
        except NotSavable as error:
            raise NotSettable(str(error)) from error
    for word in ("on", "off"):
        if word in given and not programmes.switch(db, shop.id, CART, word == "on"):
            raise NotSettable("there is no programme yet: take one over with preset=…")
    return _shown(db, shop, as_json="json" in given)


def _asked_for(shop: ShopRow, given: list[str], held: Programme) -> Programme | None:
    """The programme that is to be saved; None: none is."""
    form: Programme | None = None
    for each in sorted(given, key=_what_it_changes):
        name, equals, value = each.partition("=")
        if not equals:
            if name not in ("on", "off", "json"):
                raise NotSettable(f"{each}: say {_SAID}=, on, off or json")
        elif name == "preset":
            form = _preset(value, shop)
        elif name == "file":
            form = _file(value)
        elif name == "offer":
            form = presets.with_offer(form or held, _incentive(value))
        elif name == "holdout":
            form = structs.replace(form or held, holdout=_share(value))
        elif name == "adaptive":
            form = structs.replace(form or held, adaptive=_yes(value))
        else:
            raise NotSettable(f"{name}: no such thing; there are {_SAID.replace('=', '')}")
    return form


def _what_it_changes(each: str) -> bool:
    """A programme comes first, what is changed in it after."""
    return each.startswith(("offer=", "holdout=", "adaptive="))


def _preset(trade: str, shop: ShopRow) -> Programme:
    if trade not in presets.PRESETS:
        raise NotSettable(f"preset: no trade {trade!r}; there are {', '.join(presets.PRESETS)}")
    return presets.preset(trade, shop.country, shop.locale or "en")


def _file(path: str) -> Programme:
    try:
        return read(Path(path).read_bytes())
    except (OSError, UnreadableProgramme) as error:
        raise NotSettable(f"file: {error}") from error


def _incentive(value: str) -> Incentive:
    kind, _, rest = value.partition(":")
    amount, _, named = rest.partition(":")
    if kind not in _KINDS:
        raise NotSettable(f"offer: one of {', '.join(_KINDS)}, then a colon and how much")
    products = tuple(key.strip() for key in named.split(",") if key.strip())
    lines: Any = "cart" if named.strip() == "cart" else products
    try:
        return Incentive(kind=kind, value=Decimal(amount or "0"), lines=lines)  # type: ignore[arg-type]
    except InvalidOperation as error:
        raise NotSettable("offer: after the colon a number, such as percent:10") from error


def _share(value: str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise NotSettable("holdout: a share such as 0.1") from error


def _yes(value: str) -> bool:
    if value not in ("yes", "no"):
        raise NotSettable("adaptive: yes or no")
    return value == "yes"


def _shown(db: Connection, shop: ShopRow, as_json: bool) -> list[str]:
    number, is_on, form = _held(db, shop)
    if as_json:
        return [json.format(json.encode(form), indent=2).decode()]
    about = f"version {number}" if number else "built in"
    off = "" if is_on else " (off)"
    lines = [f"# {form.trade or 'own'} programme, {about}{off}; {form.holdout:.0%} held out"]
    lines += [f"# {form.source}"] if form.source else []
    if form.when is not None:
        lines.append(f"# for carts where {condition_words.in_words(form.when, 'en')}")
    lines += [_line(step) for step in form.steps]
    lines += _shares(programmes.running(db, {shop.id: shop})[shop.id])
    found = programmes.problems(db, form, shop)
    lines += [f"! {each.where}: {each.words_en}" for each in found]
    return [*lines, *_not_had(db, shop, form)]


def _not_had(db: Connection, shop: ShopRow, form: Programme) -> list[str]:
    """The steps whose richer form the sender account has in no country."""
    account = None if shop.account_id is None else accounts.by_id(db, shop.account_id)
    had = {kind for kind, _ in rich_kinds.read(account.rich)} if account else set()
    steps = [step for step in form.steps if step.rich is not None and step.rich not in had]
    return [
        f"! steps/{step.number}/rich: the sender account has no {step.rich} (VONAGE_RICH): "
        "it leaves as a text"
        for step in steps
    ]


def _shares(run: Running) -> list[str]:
    """Into which variants people are drawn now, and what a learned share was made from."""
    weights = run.weights
    lines = [f"# variant {name}: {weight} of 100" for name, weight in weights.items()]
    if weights:
        lines.append(f"# control: {100 - sum(weights.values())} of 100")
    if run.split is not None:
        known = run.split.matured.items()
        of = ", ".join(f"{name} {each.rewarded} of {each.people}" for name, each in known)
        lines.append(f"# shares of {run.split.at:%Y-%m-%d}, learned from orders: {of}")
    return lines


def _held(db: Connection, shop: ShopRow) -> tuple[int, bool, Programme]:
    found = programmes.held(db, shop.id, CART)
    return found or (0, True, programmes.built_in(shop).form)


def _line(step: Step) -> str:
    channel = step.channel.value + (f" as {step.rich}" if step.rich else "")
    parts = [f"{step.number}. {channel}", step.words, f"after {_span(step.delay.below)}"]
    above: Any = step.delay.above
    if above is not None and above != step.delay.below:
        parts[-1] += f" ({_span(above)} from the border on)"
    parts[-1] += " from the start" if step.since == "start" else " from the step before"
    parts += [f"else {step.fallback.value}"] if step.fallback else []
    if step.incentive is not None:
        parts += [f"offers {step.incentive.kind} {step.incentive.value}{_on(step.incentive)}"]
    return ", ".join(parts)


def _on(incentive: Incentive) -> str:
    if incentive.lines == "cart":
        return " on the lines of the cart"
    return f" on the products {', '.join(incentive.lines)}" if incentive.lines else ""


def _span(seconds: int) -> str:
    for unit, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds % unit == 0 and seconds >= unit:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"
