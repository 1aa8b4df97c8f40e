"""Who gets which incentive, and who gets none: so that nobody learns to leave carts.

The rules, in the order in which they are asked. Every reason against is collected.

1. An offer made for this cart that still runs is repeated, with its own terms and end. One
   that has ended is the last: this cart gets no second.
2. A prospect (no order yet) may get an incentive on this cart, from the second step on. A
   customer gets a reward on the *next* order, if this cart is ordered within 24 hours of the
   reminder's sending. Whose orders cannot be counted is treated as a customer.
3. A serial abandoner gets none (`serial`).
4. Waiting earns nothing better: an offer is never better than one made before to this person
   for this cart or for another of theirs that is still open. Offers are compared term by term
   (`is_no_better`); where the wished one is better, or of another kind, the earlier terms are
   taken instead.
5. Carts of businesses, products left out, small carts and minimums. On lines, it is those
   alone that are to reach the minimum. Where the platform cannot leave products out of a code,
   it is made for the lines of this cart, and where that cannot be, not at all.
6. An amount is never more than what it reaches, and no finer than the currency's coins. On
   lines it is taken off one item, so lines of cheaper items are left out.
   No amount is converted: one in another currency than the cart's is not offered.
7. The largest discount that the shop gives, also for its margin's sake: a larger one is lowered
   to it. Free shipping is no discount on goods.
8. The month's budget of the shop, and what one person may get of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision

from recovery.model_parts import ZERO
from recovery.offer_facts import (
    CartFacts,
    Decision,
    EarlierOffer,
    Gift,
    Incentive,
    PersonFacts,
    Policy,
    PriorOrder,
    Spent,
    Terms,
)
from recovery.offer_words import Why

LONGEST_DAYS = 366
MOST = Decimal(10) ** 12  # more than any cart; Decimal cannot round to coins much above
_WORTH_OF = {Gift.NONE: 0, Gift.NEXT: 1, Gift.NOW: 2}


@dataclass
class _Thought:
    """A decision while it is made."""

    terms: Terms
    for_it: list[Why] = field(default_factory=list)
    against: list[Why] = field(default_factory=list)


def decide(
    asked: Incentive,
    person: PersonFacts,
    cart: CartFacts,
    policy: Policy,
    month: Spent,
    now: datetime,
) -> Decision:
    """What `person` gets when the step that asks for `asked` leaves at `now` (aware).

    Pure; the rules stand at the top of this file. Raises ValueError for a naive `now`, and
    `ZoneInfoNotFoundError` (a KeyError) for a zone that there is not.
    """
    if now.tzinfo is None:
        raise ValueError("the time of a decision must be aware")
    here = [offer for offer in person.earlier if offer.cart_key == cart.key]
    running = [offer for offer in here if not _is_over(offer, now)]
    if running:
        return _repeated(running[-1])
    gift, why = _gift_for(person, policy)
    thought = _Thought(_terms(asked, gift, cart, policy), [why])
    thought.against += [Why.ENDED_HERE] if here else []
    thought.against += _too_early(gift, cart, policy)
    thought.against += serial(person, cart.key, policy, now)
    thought.against += [Why.BUSINESS] if cart.business and not policy.businesses else []
    if _is_senseless(thought.terms, cart):
        thought.against.append(Why.SENSELESS)
        return _none(thought)
    its_own = asked.lines == "cart" or _must_narrow(thought.terms, cart, policy)
    _no_better_than_before(thought, person, cart, its_own)
    thought.against += _too_small(thought.terms, cart, policy)
    reached = _reach(thought, cart, policy)
    reached = _off_one_item(thought, reached, cart)
    thought.against += _short_of_minimum(thought.terms, reached, cart)
    _bind(thought, reached, cart, policy.largest)
    cost = _cost(thought.terms, reached, cart, policy)
    thought.against += _over_budget(cost, policy, month)
    return _none(thought) if thought.against else _given(thought, cost, cart, now)


def end_of_day(start: datetime, days: int, zone: str) -> datetime:
    """The midnight (UTC) that closes the local day `days` after `start`: at least `days` long.

    A text may then name that day alone and be exact.
    """
    local = ZoneInfo(zone)
    after = start.astimezone(local).date() + timedelta(days=days + 1)
    return datetime.combine(after, time(), local).astimezone(UTC)


def serial(person: PersonFacts, cart_key: str, policy: Policy, now: datetime) -> Iterator[Why]:
    """Why this person counts as a serial abandoner; nothing when they do not.

    (a) `policy.left_carts` other carts, left within `policy.left_within` before `now`, carried
    an offer, whether or not they were ordered with it. (b) An order within
    `policy.taken_within` took an incentive, and `policy.plain_orders` orders before that one
    were made without any code. A reward that was used is no sign: it was earned by ordering.
    """
    left = {
        offer.cart_key
        for offer in person.earlier
        if offer.cart_key != cart_key and now - policy.left_within <= offer.left_at <= now
    }
    if len(left) >= policy.left_carts:
        yield Why.SERIAL_LEFT
    for order in person.prior_orders:
        before = [each for each in person.prior_orders if each.placed_at < order.placed_at]
        is_recent = now - policy.taken_within <= order.placed_at <= now
        if order.took and is_recent and _plain(before) >= policy.plain_orders:
            yield Why.SERIAL_ANYWAY
            return


def is_no_better(terms: Terms, than: Terms) -> bool:
    """Is `terms` in no respect better for the shopper than `than`?

    Another kind, or an amount in another currency, cannot be compared and counts as better:
    which one is worth more changes with the cart.
    """
    return (
        terms.kind == than.kind
        and _WORTH_OF[terms.gift] <= _WORTH_OF[than.gift]
        and (terms.currency == than.currency or not _names_an_amount(terms, than))
        and terms.value <= than.value
        and terms.days <= than.days
        and (terms.minimum or ZERO) >= (than.minimum or ZERO)
        and (not than.lines or (bool(terms.lines) and set(terms.lines) <= set(than.lines)))
    )


def _plain(orders: list[PriorOrder]) -> int:
    return sum(order.plain for order in orders)


def _names_an_amount(*terms: Terms) -> bool:
    return any(each.kind == "amount" or each.minimum for each in terms)


def _is_over(offer: EarlierOffer, now: datetime) -> bool:
    return offer.over or (offer.terms.ends_at is not None and offer.terms.ends_at <= now)


def _none(thought: _Thought) -> Decision:
    return Decision(Gift.NONE, tuple(dict.fromkeys([*thought.for_it, *thought.against])))


def _given(thought: _Thought, cost: Decimal | None, cart: CartFacts, now: datetime) -> Decision:
    terms = thought.terms
    if terms.gift is Gift.NOW:
        terms = replace(terms, ends_at=end_of_day(now, terms.days, cart.zone))
    return Decision(terms.gift, tuple(thought.for_it), terms, cost)


def _repeated(offer: EarlierOffer) -> Decision:
    return Decision(offer.terms.gift, (Why.RUNNING,), offer.terms, ZERO, offer.key)


def _gift_for(person: PersonFacts, policy: Policy) -> tuple[Gift, Why]:
    if person.orders is None:
        return policy.customer, Why.ORDERS_NOT_KNOWN
    if person.orders > 0 or person.prior_orders:
        return policy.customer, Why.CUSTOMER
    return policy.prospect, Why.PROSPECT


def _terms(asked: Incentive, gift: Gift, cart: CartFacts, policy: Policy) -> Terms:
    """What the step asks for. Its amounts are in the shop's currency."""
    value = ZERO if asked.kind == "free_shipping" else asked.value
    in_money = asked.kind == "amount" or asked.minimum
    currency = policy.currency if in_money else cart.currency
    lines = _in_cart(cart) if asked.lines == "cart" else asked.lines
    return Terms(gift, asked.kind, value, currency, asked.days, asked.minimum, lines)


def _in_cart(cart: CartFacts) -> tuple[str, ...]:
    """Its products; a line without one cannot be named to the shop."""
    return tuple(dict.fromkeys(line.product_key for line in cart.lines if line.product_key))


def _too_early(gift: Gift, cart: CartFacts, policy: Policy) -> Iterator[Why]:
    if gift is Gift.NONE:
        yield Why.SHOP_OFFERS_NONE
    elif cart.step < (policy.first_step_now if gift is Gift.NOW else policy.first_step_next):
        yield Why.TOO_SOON


def _no_better_than_before(
    thought: _Thought, person: PersonFacts, cart: CartFacts, its_own: bool
) -> None:
    """Take the first of the wished and the earlier terms that is no better than any earlier.

    `its_own`: the offer is on the lines of whichever cart it is made for, so that those of
    another cart are no other terms.
    """
    earlier = [
        offer.terms for offer in person.earlier if offer.cart_key == cart.key or offer.cart_is_open
    ]
    if its_own:
        mine = thought.terms.lines
        earlier = [replace(each, lines=mine) if each.lines else each for each in earlier]
    gift = min([thought.terms.gift, *(each.gift for each in earlier)], key=_WORTH_OF.__getitem__)
    wished = [replace(each, gift=gift, ends_at=None) for each in (thought.terms, *earlier)]
    fair = [each for each in wished if all(is_no_better(each, than) for than in earlier)]
    if not fair:
        thought.against.append(Why.UNLIKE_EARLIER)
        return
    if fair[0] != thought.terms:
        thought.for_it.append(Why.NO_BETTER)
    thought.terms = fair[0]


def _is_senseless(terms: Terms, cart: CartFacts) -> bool:
    amounts = (terms.value, terms.minimum or ZERO, cart.total, *(line.total for line in cart.lines))
    told = [amount for amount in (cart.shipping, cart.shop_rate) if amount is not None]
    if not all(amount.is_finite() and 0 <= amount < MOST for amount in (*amounts, *told)):
        return True
    too_much = terms.kind == "percent" and terms.value > 100
    for_nothing = terms.kind != "free_shipping" and terms.value == 0
    return too_much or for_nothing or not 1 <= terms.days <= LONGEST_DAYS


def _too_small(terms: Terms, cart: CartFacts, policy: Policy) -> Iterator[Why]:
    """The shop's smallest cart counts for both ways; an offer's minimum is of its own order."""
    if terms.currency != cart.currency:
        yield Why.OTHER_CURRENCY
    if policy.smallest_cart is not None:
        total = _in_shop_currency(cart.total, cart, policy)
        if total is None:
            yield Why.OTHER_CURRENCY
        elif total < policy.smallest_cart:
            yield Why.SMALL_CART


def _reach(thought: _Thought, cart: CartFacts, policy: Policy) -> Decimal:
    """What of the cart the offer reaches, products left out taken from its lines.

    An offer on the whole order reaches each of them, so a cart that holds one gets none.
    """
    if thought.terms.lines:
        return _reach_lines(thought, cart, policy)
    if any(line.product_key in policy.excluded_products for line in cart.lines):
        thought.against.append(Why.EXCLUDED_PRODUCT)
    if _must_narrow(thought.terms, cart, policy):
        return _narrowed(thought, cart, policy)
    thought.terms = replace(thought.terms, left_out=tuple(sorted(policy.excluded_products)))
    return cart.total


def _must_narrow(terms: Terms, cart: CartFacts, policy: Policy) -> bool:
    return not terms.lines and bool(policy.excluded_products) and not cart.can_leave_out


def _narrowed(thought: _Thought, cart: CartFacts, policy: Policy) -> Decimal:
    """On the lines of this cart, where the whole order but for some products cannot be."""
    mine = _in_cart(cart)
    if thought.terms.gift is Gift.NEXT or thought.terms.kind == "free_shipping" or not mine:
        thought.against.append(Why.CANNOT_LEAVE_OUT)
        return cart.total
    thought.for_it.append(Why.ON_ITS_LINES)
    thought.terms = replace(thought.terms, lines=mine)
    return _reach_lines(thought, cart, policy)


def _reach_lines(thought: _Thought, cart: CartFacts, policy: Policy) -> Decimal:
    """The lines of the offer that are here; of a next order it is not known what is in it."""
    if thought.terms.kind == "free_shipping":
        thought.against.append(Why.SHIPPING_OF_LINES)
    allowed = tuple(key for key in thought.terms.lines if key not in policy.excluded_products)
    if not allowed:
        thought.against.append(Why.EXCLUDED_PRODUCT)
        return ZERO
    here = tuple(key for key in allowed if key in _in_cart(cart))
    if thought.terms.gift is Gift.NEXT:
        thought.terms = replace(thought.terms, lines=allowed, left_out=())
        return cart.total
    thought.against += [] if here else [Why.LINES_NOT_HERE]
    thought.terms = replace(thought.terms, lines=here or allowed, left_out=())
    return min(_worth(here, cart), cart.total)


def _worth(products: tuple[str, ...], cart: CartFacts) -> Decimal:
    return sum((line.total for line in cart.lines if line.product_key in products), ZERO)


def _off_one_item(thought: _Thought, reached: Decimal, cart: CartFacts) -> Decimal:
    """An amount on lines goes off one item, whichever the shop takes: so each must bear it.

    WooCommerce takes a fixed amount off the price of an item, and never more than that price.
    """
    terms = thought.terms
    if terms.kind != "amount" or not terms.lines or terms.gift is Gift.NEXT or reached <= 0:
        return reached
    least = {key: _least_price(key, cart) for key in terms.lines}
    value = min(terms.value, max(least.values()))
    bears = tuple(key for key in terms.lines if least[key] >= value)
    thought.for_it += [Why.BOUND_BY_CART] if value < terms.value else []
    thought.terms = replace(terms, value=value, lines=bears)
    return min(_worth(bears, cart), cart.total)


def _least_price(product: str, cart: CartFacts) -> Decimal:
    """Of one item of this product, its cheapest variant in the cart; in whole coins."""
    mine = [line for line in cart.lines if line.product_key == product]
    prices = (line.total / max(line.quantity, 1) for line in mine)
    return _in_coins(min(prices, default=ZERO), cart.currency, ROUND_DOWN)


def _short_of_minimum(terms: Terms, reached: Decimal, cart: CartFacts) -> Iterator[Why]:
    """Shopify counts the lines of the offer alone, so they must reach the minimum everywhere."""
    if terms.gift is not Gift.NOW or terms.currency != cart.currency:
        return
    if (reached if terms.lines else cart.total) < (terms.minimum or ZERO):
        yield Why.BELOW_MINIMUM


def _bind(
    thought: _Thought, reached: Decimal, cart: CartFacts, most: Decimal | None = None
) -> None:
    """An amount is at most what it reaches, in whole coins; nothing is promised of nothing.

    `most` is the shop's largest discount, in percent.
    """
    terms = thought.terms
    if terms.kind == "free_shipping":
        return
    if most is not None:
        bound = most if terms.kind == "percent" else reached * most / 100
        if terms.value > bound:
            thought.for_it.append(Why.BOUND_BY_SHOP)
            terms = thought.terms = replace(terms, value=bound)
    if terms.kind == "percent":
        worth = _in_coins(reached * terms.value / 100, cart.currency, ROUND_DOWN)
    else:
        worth = _in_coins(min(terms.value, reached), cart.currency, ROUND_DOWN)
        thought.for_it += [Why.BOUND_BY_CART] if reached < terms.value else []
        thought.terms = replace(terms, value=worth)
    if worth <= 0:
        thought.against.append(Why.NOTHING_LEFT)


def _cost(terms: Terms, reached: Decimal, cart: CartFacts, policy: Policy) -> Decimal | None:
    """The most it takes from the shop; of a next order, as if that one were like this cart."""
    if terms.kind == "free_shipping":
        cost = None if cart.shipping is None else _in_shop_currency(cart.shipping, cart, policy)
        cost = policy.usual_shipping if cost is None else cost
    else:
        taken = terms.value if terms.kind == "amount" else reached * terms.value / 100
        cost = _in_shop_currency(taken, cart, policy)
    return None if cost is None else _in_coins(cost, policy.currency, ROUND_UP)


def _over_budget(cost: Decimal | None, policy: Policy, month: Spent) -> Iterator[Why]:
    if cost is None and (policy.budget is not None or policy.person_budget is not None):
        yield Why.COST_NOT_KNOWN
    if policy.budget is not None and month.shop + (cost or ZERO) > policy.budget:
        yield Why.BUDGET
    if policy.person_budget is not None and month.person + (cost or ZERO) > policy.person_budget:
        yield Why.PERSON_BUDGET
    if policy.person_offers is not None and month.person_offers >= policy.person_offers:
        yield Why.PERSON_OFFERS


def _in_shop_currency(amount: Decimal, cart: CartFacts, policy: Policy) -> Decimal | None:
    if cart.currency == policy.currency:
        return amount
    return None if cart.shop_rate is None else amount * cart.shop_rate


def _in_coins(amount: Decimal, currency: str, rounding: str) -> Decimal:
    """Whole coins of the currency: JPY has none after the point, KWD three."""
    return amount.quantize(Decimal(1).scaleb(-get_currency_precision(currency)), rounding)
