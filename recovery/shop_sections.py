"""All sections of a shop's settings, and the further ones: consent, orders, credit, prices."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from phonenumbers import SUPPORTED_REGIONS
from sqlalchemy import Connection

from recovery import credit_rule, sms_prices, welcome
from recovery.answer_facts import STAGES
from recovery.credit_rule import CreditRule, UnreadableRule
from recovery.mail_wishes import EMAIL, LOOK
from recovery.offer_wishes import OFFERS
from recovery.sending_wishes import SENDING
from recovery.shop_wishes import (
    TICK,
    Field,
    NotSo,
    NotTogether,
    Section,
    Values,
    line,
    lines,
    maybe,
    number,
)
from recovery.shops import ShopRow
from recovery.sms_prices import BadPrices

_CODE = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", re.ASCII)
_MOST_ADDRESSES = 10

# -- consent -----------------------------------------------------------------------------------

#: What may be switched on only by saying why one may, each with the tick that says it.
BASES = {"customers_may_be_texted": "texted_because", "customers_may_be_mailed": "mailed_because"}
_CONSENT = ("double_opt_in", "email_double_opt_in", *BASES)


def _split_consent(stands: Values, shop: ShopRow) -> dict[str, Any]:
    bases = {tick: stands[column] for column, tick in BASES.items()}
    return {name: stands[name] for name in _CONSENT} | bases


def _joined_consent(values: Values, stands: Values, shop: ShopRow) -> dict[str, Any]:
    wrong = {
        tick: NotSo("say_why")
        for column, tick in BASES.items()
        if values[column] and not stands[column] and not values[tick]
    }
    if wrong:
        raise NotTogether(wrong)
    return {name: values[name] for name in _CONSENT}


CONSENT = Section(
    "consent",
    _CONSENT,
    dict.fromkeys((*_CONSENT, *BASES.values()), TICK),
    _split_consent,
    _joined_consent,
)

# -- orders ------------------------------------------------------------------------------------


def _code(words: str) -> str:
    # One word of plain letters: it stands in a text, and is typed from there.
    plain = line(words)
    if plain and not _CODE.fullmatch(plain):
        raise NotSo("code")
    return plain


def _addresses(words: str) -> str:
    found = dict.fromkeys(_address(each) for each in lines(words, 2000).split())
    if len(found) > _MOST_ADDRESSES:
        raise NotSo("too_many", most=_MOST_ADDRESSES)
    return " ".join(found)


def _address(words: str) -> str:
    try:
        parts = urlsplit(words if "://" in words else f"https://{words}")
        host = (parts.hostname or "").encode("idna").decode("ascii").lower()
        port = parts.port
    except (ValueError, UnicodeError) as error:
        raise NotSo("address", typed=words[:60]) from error
    if parts.scheme not in ("http", "https") or parts.username or not _HOST.fullmatch(host):
        raise NotSo("address", typed=words[:60])
    usual = {"https": 443, "http": 80}[parts.scheme]
    place = host if port in (None, usual) else f"{host}:{port}"
    return f"{parts.scheme}://{place}{parts.path.rstrip('/')}"


_STAGES = {f"stage_{stage}": stage for stage in STAGES}
_ORDERS = {
    **dict.fromkeys(_STAGES, TICK),
    "welcome_code": Field(_code),
    "guests_may_order": TICK,
    "other_addresses": Field(_addresses, lambda text: text.replace(" ", "\n")),
}
_ORDER_COLUMNS = ("order_texts", "welcome_code", "guests_may_order", "other_addresses")


def _split_orders(stands: Values, shop: ShopRow) -> dict[str, Any]:
    chosen = stands["order_texts"].split(",")
    ticks = {name: stage in chosen for name, stage in _STAGES.items()}
    return ticks | {name: stands[name] for name in _ORDER_COLUMNS[1:]}


def _joined_orders(values: Values, stands: Values, shop: ShopRow) -> dict[str, Any]:
    stages = ",".join(stage for name, stage in _STAGES.items() if values[name])
    return {"order_texts": stages} | {name: values[name] for name in _ORDER_COLUMNS[1:]}


ORDERS = Section("orders", _ORDER_COLUMNS, _ORDERS, _split_orders, _joined_orders)

# -- credit ------------------------------------------------------------------------------------

_CREDIT = {
    "click_days": Field(number(0, 90)),
    "code": TICK,
    "window_hours": Field(number(0, 168)),
}


def rule_of(text: str) -> CreditRule:
    """The rule that is kept; ours where it cannot be read."""
    try:
        return credit_rule.read(text)
    except UnreadableRule:
        return credit_rule.DEFAULT


def _split_credit(stands: Values, shop: ShopRow) -> dict[str, Any]:
    rule = rule_of(stands["credit_rule"])
    return {name: getattr(rule, name) for name in _CREDIT}


def _joined_credit(values: Values, stands: Values, shop: ShopRow) -> dict[str, Any]:
    rule = CreditRule(**values)
    return {"credit_rule": "" if rule == credit_rule.DEFAULT else credit_rule.written(rule)}


CREDIT = Section("credit", ("credit_rule",), _CREDIT, _split_credit, _joined_credit)

# -- prices ------------------------------------------------------------------------------------

COUNTRIES = tuple(sorted(SUPPORTED_REGIONS))


def _price(words: str) -> Decimal:
    try:
        return sms_prices.from_rows([("FR", words)])["FR"]
    except BadPrices as error:
        raise NotSo("price", most=str(sms_prices.DEAREST)) from error


def _new_country(words: str) -> str:
    if words and words not in COUNTRIES:
        raise NotSo("choose")
    return words


_PRICE = Field(maybe(_price), is_amount=True)
_PRICES = {f"price_{country}": _PRICE for country in COUNTRIES}
_FURTHER = {"new_country": Field(_new_country), "new_price": _PRICE}


def own_prices(text: str) -> dict[str, Decimal]:
    """The merchant's own prices by country; none where they cannot be read."""
    try:
        return sms_prices.read(text)
    except BadPrices:
        return {}


def _split_prices(stands: Values, shop: ShopRow) -> dict[str, Any]:
    own = own_prices(stands["sms_prices"])
    prices = {f"price_{country}": own.get(country) for country in COUNTRIES}
    return {**prices, "new_country": "", "new_price": None}


def _joined_prices(values: Values, stands: Values, shop: ShopRow) -> dict[str, Any]:
    country, price = values["new_country"], values["new_price"]
    if bool(country) != (price is not None):
        raise NotTogether({"new_price" if country else "new_country": NotSo("both_new")})
    told = {each: values[f"price_{each}"] for each in COUNTRIES}
    told |= {country: price} if country else {}
    return {"sms_prices": sms_prices.written({k: v for k, v in told.items() if v is not None})}


PRICES = Section("prices", ("sms_prices",), _PRICES | _FURTHER, _split_prices, _joined_prices)

# -- all of them -------------------------------------------------------------------------------

SECTIONS = {
    each.key: each for each in (SENDING, OFFERS, EMAIL, LOOK, CONSENT, ORDERS, CREDIT, PRICES)
}


def section_of(column: str) -> Section | None:
    """Where that column of `shops` is set, or None."""
    return next((each for each in SECTIONS.values() if column in each.columns), None)


def follow(db: Connection, shop_id: int, changed: Values, now: datetime) -> None:
    """What a change brings with it elsewhere."""
    if "welcome_code" in changed:
        welcome.settle(db, shop_id, now)  # what was wrong with the other code
