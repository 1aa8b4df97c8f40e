"""What stands beside the fields of a section: what the law says, who gets what, what was spent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import format_datetime, get_locale
from sqlalchemy import Connection

from recovery import (
    accounts,
    agreed_words,
    answer_texts,
    changes,
    confirm_words,
    month_costs,
    offer_past,
    offer_wishes,
    opt_in,
    programmes,
    sending_wishes,
    shop_sections,
    sms_prices,
)
from recovery.email_look import look_of, picture
from recovery.offer_facts import Policy
from recovery.offer_words import offer_words
from recovery.prices import money
from recovery.programme_form import Incentive
from recovery.shop_wishes import Section
from recovery.shops import ShopRow
from web.merchant import results_words
from web.merchant.settings_words import country, digits

Stands = Mapping[str, Any]
#: In which the existing-customer rule of the ePrivacy directive, art. 13(2), holds.
_EUROPE = frozenset(
    """AT BE BG CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI
    SK""".split()
)
_SAMPLE_CART = Decimal(80)
_LANGUAGES = ("fr", "en", "de", "es", "it", "nl", "pt")
_SENTENCES = 8


def of(
    db: Connection, shop: ShopRow, section: Section, stands: Stands, now: datetime
) -> dict[str, Any]:
    """What the page of this section shows beside its fields."""
    return _AROUND[section.key](db, shop, stands, now)


def _sending(db: Connection, shop: ShopRow, stands: Stands, now: datetime) -> dict[str, Any]:
    countries = sending_wishes.main_countries(db, shop)
    return {
        "hours": sending_wishes.hours_in(countries or ["FR"], stands),
        "clock": sending_wishes.clock,
        "country": country,
        "has_programme": programmes.held(db, shop.id, programmes.CART) is not None,
    }


def _offers(db: Connection, shop: ShopRow, stands: Stands, now: datetime) -> dict[str, Any]:
    policy = offer_wishes.stored(stands["offer_policy"], shop)
    spent = offer_past.spent_by_shop(db, shop.id, offer_past.month_start(now, shop.timezone))
    return {
        **samples(policy, _asked(db, shop), now),
        "spent": _money(spent, shop),
        "budget_left": None if policy.budget is None else _money(policy.budget - spent, shop),
        "currency": shop.currency,
    }


def samples(policy: Policy, asked: Incentive, now: datetime) -> dict[str, Any]:
    """Who gets what by these rules, in words."""
    language = _language()
    found = offer_wishes.samples(policy, asked, _SAMPLE_CART, now)
    return {
        "samples": [
            (each.who, [(one, _why(one.reasons, language)) for one in (each.first, each.second)])
            for each in found
        ],
        "asked": asked,
        "digits": digits,
        "sample_cart": money(_SAMPLE_CART, policy.currency or "EUR", language),
        "currency": policy.currency,
    }


def asked_by(db: Connection, shop: ShopRow) -> Incentive:
    """What the shop's programme offers; ten percent where it offers nothing."""
    return _asked(db, shop)


def _asked(db: Connection, shop: ShopRow) -> Incentive:
    held = programmes.held(db, shop.id, programmes.CART)
    steps = held[2].steps if held else ()
    asked = [step.incentive for step in steps if step.incentive and not step.incentive.lines]
    return asked[0] if asked else Incentive("percent", Decimal(10))


def _why(reasons: tuple[Any, ...], language: str) -> str:
    return " ".join(offer_words(why, language) for why in reasons)


def _email(db: Connection, shop: ShopRow, stands: Stands, now: datetime) -> dict[str, Any]:
    account = (
        accounts.by_id(db, shop.email_account_id) if shop.email_account_id is not None else None
    )
    sender = (account.mail_from or account.sender) if account else ""
    return {"sender": sender, "domain": sender.rpartition("@")[2], "findings": None}


def _look(db: Connection, shop: ShopRow, stands: Stands, now: datetime) -> dict[str, Any]:
    return head(stands["colour"], stands["logo"])


def head(colour: str | None, logo: str | None) -> dict[str, Any]:
    """The head of the page that a cart's link opens, with that colour and logo."""
    return {"look": look_of(colour), "picture": picture(logo)}


def _consent(db: Connection, shop: ShopRow, stands: Stands, now: datetime) -> dict[str, Any]:
    countries = sending_wishes.main_countries(db, shop)
    name = shop.writes_as
    return {
        "laws": sorted({_law(each) for each in countries or [""]}),
        "asked_twice": [country(each) for each in countries if each in opt_in.ASKS_TWICE],
        "sentences": [(each, *_sentences(name, each)) for each in _LANGUAGES],
        "agreed": agreed_words.lately(db, shop.id, _SENTENCES),
    }


def _law(code: str) -> str:
    return "europe" if code in _EUROPE else "us" if code == "US" else "elsewhere"


def _sentences(name: str, language: str) -> tuple[str, str, str]:
    """What asks a number, an e-mail address, and its page, in that language."""
    asked = answer_texts.Answer("opt_in", shop=name, about="", link=None, locales=(language,))
    words = confirm_words.words_of(language)
    mail = " ".join([words.said.format(shop=name), words.link, words.life, words.not_you])
    return answer_texts.text_of(asked), mail, confirm_words.question_of(name, language)


def _orders(db: Connection, shop: ShopRow, stands: Stands, now: datetime) -> dict[str, Any]:
    row = changes.values_of(db, shop.id, ("code_read", "code_works", "code_read_at"))
    same = row["code_read"] == stands["welcome_code"] and row["code_read"]
    return {"code_works": row["code_works"] if same else None, "platform": shop.platform}


def _credit(db: Connection, shop: ShopRow, stands: Stands, now: datetime) -> dict[str, Any]:
    held = programmes.held(db, shop.id, programmes.CART)
    share = None if held is None else round(Decimal(str(held[2].holdout)) * 100, 1).normalize()
    return {
        "holdout": None if share is None else format(share, "f"),
        "holdout_seen": 0 if held is None else held[0],
    }


def _prices(db: Connection, shop: ShopRow, stands: Stands, now: datetime) -> dict[str, Any]:
    own = shop_sections.own_prices(stands["sms_prices"])
    month = month_costs.last_month(db, shop, now)
    mine = [*sending_wishes.main_countries(db, shop), *sorted(month.texts, key=country)]
    shown = list(dict.fromkeys([*mine, *sorted({*own, *sms_prices.EXAMPLES}, key=country)]))
    shown = [each for each in shown if each in shop_sections.COUNTRIES]
    others = [each for each in shop_sections.COUNTRIES if each not in shown]
    return {
        "shown": [(each, country(each), sms_prices.EXAMPLES.get(each)) for each in shown],
        "month": month,
        "month_name": _month_name(month.since, shop),
        "cost_of": _cost_of,
        "elsewhere": sum(each.messages for code, each in month.texts.items() if code not in shown),
        "unpriced": sum(each.unpriced for each in month.texts.values()),
        "digits": digits,
        "others": sorted(((each, country(each)) for each in others), key=lambda pair: pair[1]),
    }


def _month_name(at: datetime, shop: ShopRow) -> str:
    there = at.astimezone(ZoneInfo(shop.timezone or "UTC"))
    return str(format_datetime(there, "LLLL y", rebase=False))


def _cost_of(cost: month_costs.Cost) -> str:
    """Its prices, each in its currency; a dash where none was told."""
    sums = [results_words.money(amount, code) for code, amount in sorted(cost.prices.items())]
    return " + ".join(sums) or "–"


def _money(amount: Decimal, shop: ShopRow) -> str:
    return money(amount, shop.currency or "EUR", _language())


def _language() -> str:
    locale = get_locale()
    return "en" if locale is None else str(locale.language)


_AROUND: dict[str, Callable[[Connection, ShopRow, Stands, datetime], dict[str, Any]]] = {
    "sending": _sending,
    "offers": _offers,
    "email": _email,
    "look": _look,
    "consent": _consent,
    "orders": _orders,
    "credit": _credit,
    "prices": _prices,
}
