"""The settings in words: sections, fields, what a value means, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import LazyString, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from recovery import sending_wishes
from recovery.shop_wishes import NotSo, Section

DAY = sending_wishes.DAY


@dataclass(frozen=True, slots=True)
class Page:
    """What a section is called, and what it is for."""

    title: LazyString
    text: LazyString


PAGES = {
    "sending": Page(_l("Sending"), _l("At which hours, how soon and how often texts leave.")),
    "offers": Page(_l("Offers and budget"), _l("Who may get a discount, how large, and for what.")),
    "email": Page(_l("E-mail"), _l("From whom e-mails come, where replies go, and the DNS.")),
    "look": Page(
        _l("Appearance"), _l("Your colour and logo on e-mails and on the page of a cart.")
    ),
    "consent": Page(_l("Consent"), _l("Who may be written to, and what shoppers read.")),
    "orders": Page(_l("Orders and welcome"), _l("Texts about orders, the welcome code, guests.")),
    "credit": Page(_l("Measuring"), _l("What counts as recovered, and who is held out.")),
    "prices": Page(_l("Price of a text"), _l("What you pay for a text, by country.")),
}

_PROBLEMS = {
    "unreadable": _l("There are characters in it that cannot be kept. Please type it anew."),
    "too_long": _l("At most %(most)s characters."),
    "too_many": _l("At most %(most)s of them."),
    "number": _l("A whole number from %(least)s to %(most)s, in digits."),
    "between": _l("From %(least)s to %(most)s."),
    "amount": _l("An amount in digits, such as 12.50, without a sign."),
    "choose": _l("Choose one of the list."),
    "idle_too_short": _l(
        "At least %(least)s minutes: nobody is reminded of a cart that they have just filled."
    ),
    "past_promise": _l("Both together at most %(hours)s hours: a first reminder leaves by then."),
    "both_margins": _l("The margin and its floor go together: give both or none."),
    "floor_above_margin": _l("The floor must be lower than the margin."),
    "no_currency": _l("Your shop has not told its currency yet, so no amount can be kept."),
    "email": _l("An e-mail address, such as hello@shop.example."),
    "selector": _l("One name without points, such as s1. Your mail provider tells it."),
    "colour": _l("A colour such as #2a6f4e."),
    "pale": _l(
        "White words on it are hard to read: the contrast is %(ratio)s, and %(least)s is needed. "
        "%(darker)s is the nearest that works."
    ),
    "https": _l("The https address of a picture that everybody can open."),
    "say_why": _l("Tick this to say that you may."),
    "code": _l("One word of letters, digits, - and _, at most 40."),
    "address": _l("“%(typed)s” is no address such as https://shop.example."),
    "price": _l("A price such as 0.075, at most %(most)s EUR and 5 decimals."),
    "no_programme": _l("There is no programme of your own yet: choose one under Programmes."),
    "both_new": _l("A country and its price go together: give both or none."),
}

FIELDS = {
    "texts_from": _l("Texts leave from"),
    "texts_until": _l("Texts leave until"),
    "texts_on_sundays": _l("Texts also leave on Sundays where the law allows it"),
    "cap_seconds": _l("One reminder per person in"),
    "texts_a_week": _l("Reminders by text to one number in seven days"),
    "idle_minutes": _l("A cart counts as left after so many minutes"),
    "delay_minutes": _l("Minutes from then to the built-in reminder"),
    "smart_encoding": _l("Replace characters that make a text dearer"),
    "prospect": _l("Who has not ordered yet gets"),
    "customer": _l("Who has ordered before gets"),
    "first_step_now": _l("An offer on the cart comes from this step on"),
    "first_step_next": _l("A reward on the next order comes from this step on"),
    "order_within": _l("Hours in which to order for the reward"),
    "most_percent": _l("Largest discount, in percent"),
    "margin": _l("Your usual margin, in percent of the price"),
    "margin_floor": _l("Margin that must be left, in percent"),
    "smallest_cart": _l("No offer for carts below"),
    "usual_shipping": _l("What sending an order costs you"),
    "budget": _l("Budget of all offers in a month"),
    "person_budget": _l("Budget for one person in a month"),
    "person_offers": _l("Offers to one person in a month"),
    "left_carts": _l("So many carts with an offer, left"),
    "left_within": _l("within so many days of each other"),
    "plain_orders": _l("Or so many orders without any code before one with an offer"),
    "taken_within": _l("that is at most so many days old"),
    "excluded_products": _l("Products that never get an offer"),
    "businesses": _l("Businesses get offers too"),
    "sender_name": _l("Name that e-mails come from"),
    "merchant_email": _l("Where replies of shoppers go"),
    "postal_address": _l("Your postal address"),
    "dkim_selector": _l("DKIM selector"),
    "colour": _l("Colour"),
    "logo": _l("Address of your logo"),
    "double_opt_in": _l("Ask every number to confirm by a reply"),
    "email_double_opt_in": _l("Ask every e-mail address to confirm by a link"),
    "customers_may_be_texted": _l("Text customers who did not tick a box"),
    "customers_may_be_mailed": _l("E-mail customers who did not tick a box"),
    "texted_because": _l("I have their consent, or the existing-customer rule holds, for texts"),
    "mailed_because": _l("I have their consent, or the existing-customer rule holds, for e-mails"),
    "stage_confirmed": _l("The order is confirmed"),
    "stage_shipped": _l("It is sent"),
    "stage_out_for_delivery": _l("It is out for delivery"),
    "stage_refunded": _l("Money is given back"),
    "welcome_code": _l("Welcome code"),
    "guests_may_order": _l("One can order without an account"),
    "other_addresses": _l("Other addresses of your shop"),
    "click_days": _l("Days after a click in which an order counts"),
    "code": _l("An order with a code of ours counts"),
    "window_hours": _l("Hours after a message in which any order counts"),
    "new_country": _l("Another country"),
    "new_price": _l("Its price"),
    "holdout": _l("People who get nothing, in percent"),
}

#: Columns of the shop that another room sets.
ELSEWHERE = {
    "keep_months": _l("Months that a person is kept after their last cart, order or change"),
    "keep_payload_days": _l("Days that what your shop sent us is kept as it came"),
    "held": _l("Whether messages leave"),
    "account_id": _l("The account that sends texts"),
}
#: On which page that is.
WHERE = {name: _l("Privacy") for name in ELSEWHERE} | {
    "held": _l("Start"),
    "account_id": _l("Start"),
}
_HELD = {"": _l("they leave"), "new": _l("not before you switch on"), "paused": _l("paused")}


def said_elsewhere(name: str, value: object) -> str:
    """A value that another room sets, in words."""
    if name == "held":
        return str(_HELD.get(str(value), value))
    if name == "account_id":
        return str(_l("none") if value is None else _l("chosen"))
    return str(value)


_GIFTS = {
    "incentive": _l("an offer on this cart"),
    "reward": _l("a reward on the next order, if they order in time"),
    "none": _l("no offer"),
}
_HOURS = {"": _l("as early as the law allows")} | {
    str(hour): f"{hour}:00" for hour in sending_wishes.FROM
}
_OPTIONS: dict[str, Mapping[str, object]] = {
    "texts_from": _HOURS,
    "texts_until": {"": _l("as late as the law allows")}
    | {str(hour): f"{hour}:00" for hour in sending_wishes.UNTIL},
    "cap_seconds": {
        str(DAY): _l("a day"),
        str(2 * DAY): _l("two days"),
        str(3 * DAY): _l("three days"),
        str(7 * DAY): _l("a week"),
        str(14 * DAY): _l("two weeks"),
        str(30 * DAY): _l("30 days"),
    },
    "texts_a_week": {str(count): str(count) for count in sending_wishes.A_WEEK},
    "prospect": _GIFTS,
    "customer": _GIFTS,
}
_TICKS = frozenset(
    """texts_on_sundays smart_encoding businesses double_opt_in email_double_opt_in code
    customers_may_be_texted customers_may_be_mailed texted_because mailed_because
    stage_confirmed stage_shipped stage_out_for_delivery stage_refunded guests_may_order""".split()
)


def problem(wrong: NotSo) -> str:
    """What is wrong with a field, as a sentence."""
    about = {name: _plain(each) for name, each in wrong.about.items()}
    return str(_PROBLEMS[wrong.why]) % about


def _plain(value: object) -> str:
    return digits(value) if isinstance(value, Decimal) else str(value)


def digits(value: Decimal) -> str:
    """A number in plain digits, with the decimal sign of the page's language."""
    plain = format(value, "f")
    short = plain.rstrip("0").rstrip(".") if "." in plain else plain
    locale = get_locale()
    return short.replace(".", ",") if locale is not None and locale.language == "fr" else short


def label(name: str) -> str:
    """What a field is called."""
    if name.startswith("price_"):
        return country(name.removeprefix("price_"))
    return str(FIELDS[name])


def country(code: str) -> str:
    """A country's name in the page's language."""
    locale = get_locale()
    return str(code if locale is None else locale.territories.get(code, code))


def said(name: str, typed: str) -> str:
    """What a field holds, in words."""
    if name in _TICKS:
        return str(_("yes") if typed else _("no"))
    options = _OPTIONS.get(name, {})
    if typed in options:
        return str(options[typed])
    if name == "cap_seconds" and typed.isdigit():
        return span(int(typed))
    return ", ".join(typed.split("\n")) if typed else str(_("nothing"))


def options_of(section: Section, shown: Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    """What each list of a section offers; what stands is always among it."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name in section.fields:
        options = _OPTIONS.get(name)
        if options is not None:
            told = {each: str(words) for each, words in options.items()}
            told.setdefault(shown[name], said(name, shown[name]))
            found[name] = list(told.items())
    return found


def span(seconds: int) -> str:
    """A length of time in the largest unit that fits it."""
    for unit, words in ((DAY, _("%(n)s days")), (3600, _("%(n)s hours")), (60, _("%(n)s minutes"))):
        if seconds >= unit and seconds % unit == 0:
            return str(words) % {"n": seconds // unit}
    return str(_("%(n)s seconds")) % {"n": seconds}
