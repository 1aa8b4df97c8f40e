"""The person of a webhook, and what they agreed to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.shopify.reading import Json, key, moment, part, text
from recovery.model import Channel, Consent, Shopper

CHECKOUT_CONSENT = "shopify checkout"
CUSTOMER_CONSENT = "shopify customer"

EVERYTHING = frozenset({"first_name", "last_name", "email", "phone"})
_NOTHING: frozenset[str] = frozenset()

# "not_subscribed", "pending", "invalid" and "redacted" are neither a yes nor a no:
# somebody who was never asked has not withdrawn anything.
_ANSWERS = {"subscribed": True, "unsubscribed": False}


def shopper_of_checkout(checkout: Json, at: datetime) -> Shopper:
    """The shopper of a checkout webhook; `at` is the checkout's last change."""
    customer, billing, shipping = _people(checkout)
    email = text(checkout.get("email")) or text(customer.get("email"))
    agreed_phone = None
    if checkout.get("buyer_accepts_sms_marketing") is True:
        agreed_phone = text(checkout.get("sms_marketing_phone"))
    consents: tuple[Consent, ...] = ()
    # A box left empty withdraws nothing: only the consent topics do.
    if agreed_phone:
        consents = (Consent(Channel.SMS, agreed_phone, True, CHECKOUT_CONSENT, at),)
    if email and checkout.get("buyer_accepts_marketing") is True:
        consents += (Consent(Channel.EMAIL, email, True, CHECKOUT_CONSENT, at),)
    return _shopper(checkout, customer, billing, shipping, email, agreed_phone, consents)


def shopper_of_order(order: Json) -> Shopper:
    """The shopper of an order webhook. It proves no consent: the checkout did."""
    customer, billing, shipping = _people(order)
    email = text(order.get("email")) or text(order.get("contact_email"))
    email = email or text(customer.get("email"))
    return _shopper(order, customer, billing, shipping, email, None, ())


def shopper_of_customer(customer: Json, at: datetime) -> Shopper:
    """The shopper of a customers/create or customers/update webhook."""
    home = part(customer.get("default_address"))
    email, phone = text(customer.get("email")), text(customer.get("phone"))
    consents = [
        # absent since version 2025-01; read where it is still sent
        consent_from(Channel.SMS, phone, customer.get("sms_marketing_consent"), at),
        consent_from(Channel.EMAIL, email, customer.get("email_marketing_consent"), at),
    ]
    first, last = text(customer.get("first_name")), text(customer.get("last_name"))
    return Shopper(
        customer_key=key(customer.get("id")),
        first_name=first,
        last_name=last,
        email=email,
        phone=phone or text(home.get("phone")),
        country=text(home.get("country_code")),
        region=text(home.get("province_code")),
        consents=tuple(consent for consent in consents if consent),
        hidden=_NOTHING if first or last or email or phone else EVERYTHING,
    )


def consent_from(
    channel: Channel, address: str | None, answer: Any, otherwise: datetime
) -> Consent | None:
    """A customer's own yes or no; None when there is neither, or no address to keep it for."""
    answer = part(answer)
    granted = _ANSWERS.get((text(answer.get("state")) or "").lower())
    if granted is None or address is None:
        return None
    at = moment(answer.get("consent_updated_at")) or otherwise
    return Consent(channel, address, granted, CUSTOMER_CONSENT, at)


def _people(payload: Json) -> tuple[Json, Json, Json]:
    return (
        part(payload.get("customer")),
        part(payload.get("billing_address")),
        part(payload.get("shipping_address")),
    )


def _shopper(
    payload: Json,
    customer: Json,
    billing: Json,
    shipping: Json,
    email: str | None,
    agreed_phone: str | None,
    consents: tuple[Consent, ...],
) -> Shopper:
    named = _named(customer) or _named(shipping) or _named(billing) or (None, None)
    phone = (
        agreed_phone
        or text(payload.get("phone"))
        or text(shipping.get("phone"))
        or text(billing.get("phone"))
        or text(customer.get("phone"))
    )
    return Shopper(
        customer_key=key(customer.get("id")),
        first_name=named[0],
        last_name=named[1],
        email=email,
        phone=phone,
        country=text(billing.get("country_code")) or text(shipping.get("country_code")),
        region=text(billing.get("province_code")) or text(shipping.get("province_code")),
        locale=text(payload.get("customer_locale")),
        consents=consents,
        hidden=_hidden(payload, customer, billing, shipping, email, phone, named),
    )


def _named(person: Json) -> tuple[str | None, str | None] | None:
    first, last = text(person.get("first_name")), text(person.get("last_name"))
    return (first, last) if first or last else None


def _hidden(
    payload: Json,
    customer: Json,
    billing: Json,
    shipping: Json,
    email: str | None,
    phone: str | None,
    named: tuple[str | None, str | None],
) -> frozenset[str]:
    """What Shopify withholds for want of its approval: it comes as null.

    A null alone may also mean "not typed yet", so only contradictions count: a
    customer without name, e-mail and phone (Shopify makes none such), a consent
    without the address it is for, an address that has a country and nothing else.
    """
    hidden: set[str] = set()
    if customer.get("id") and not (email or phone or named[0] or named[1]):
        hidden |= EVERYTHING
    if payload.get("buyer_accepts_marketing") is True and not email:
        hidden.add("email")
    if payload.get("buyer_accepts_sms_marketing") is True and not phone:
        hidden.add("phone")
    for place in (billing, shipping):
        if place.get("country_code") and not (
            place.get("address1")
            or place.get("city")
            or place.get("last_name")
            or place.get("first_name")
            or place.get("phone")
        ):
            hidden.add("address")
    return frozenset(hidden) if hidden else _NOTHING
