"""Who may read what: scopes from the schema's own map, and protected customer data."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from graphql import GraphQLError, GraphQLNamedType

from tests.standins.shopify.schema import admin_schema

DEFAULT_SCOPES = (
    "read_orders",
    "read_customers",
    "write_customers",
    "read_products",
    "read_fulfillments",
    "read_discounts",
    "write_discounts",
)
EVERYTHING = frozenset({"customer", "name", "email", "phone", "address"})
Approval = frozenset[str]

# What Shopify approves one by one; each word of `EVERYTHING` opens these fields.
PROTECTED = {
    ("Customer", "firstName"): "name",
    ("Customer", "lastName"): "name",
    ("Customer", "displayName"): "name",
    ("Customer", "email"): "email",
    ("Customer", "defaultEmailAddress"): "email",
    ("Customer", "phone"): "phone",
    ("Customer", "defaultPhoneNumber"): "phone",
    ("Customer", "defaultAddress"): "address",
    ("Customer", "addressesV2"): "address",
    ("Order", "email"): "email",
    ("Order", "phone"): "phone",
    ("Order", "clientIp"): "address",
    ("MailingAddress", "firstName"): "name",
    ("MailingAddress", "lastName"): "name",
    ("MailingAddress", "name"): "name",
    ("MailingAddress", "phone"): "phone",
    ("MailingAddress", "address1"): "address",
    ("MailingAddress", "address2"): "address",
    ("MailingAddress", "city"): "address",
    ("MailingAddress", "company"): "address",
    ("MailingAddress", "formatted"): "address",
    ("MailingAddress", "formattedArea"): "address",
    ("MailingAddress", "latitude"): "address",
    ("MailingAddress", "longitude"): "address",
    ("MailingAddress", "zip"): "address",
}


def approval(given: bool | Iterable[str]) -> Approval:
    """True: everything, False: nothing, else the words of `EVERYTHING` that are approved."""
    if isinstance(given, bool):
        return EVERYTHING if given else frozenset()
    return frozenset(given) & EVERYTHING


def granted(scopes: Collection[str], wanted: Collection[str]) -> bool:
    """Whether one of `wanted` is held; writing implies reading."""
    held = set(scopes) | {f"read_{s[6:]}" for s in scopes if s.startswith("write_")}
    return any(scope in held for scope in wanted)


def check_scopes(scopes: Collection[str], parent: str, field: str, of: GraphQLNamedType) -> None:
    """Raise ACCESS_DENIED unless the field, and the type it returns, may be read."""
    schema = admin_schema()
    type_name = of.name.removesuffix("Connection")
    for key, wanted in (
        ((parent, field), schema.field_scopes.get((parent, field))),
        (type_name, schema.type_scopes.get(type_name)),
    ):
        if wanted and not granted(scopes, wanted):
            required = schema.required_access.get(key, "")
            raise denied(f"Access denied for {field} field. Required access: {required}", required)


def check_protected(approved: Approval, parent: str, field: str, of: GraphQLNamedType) -> None:
    """Raise ACCESS_DENIED for customer data that the app is not approved for."""
    see = "See https://shopify.dev/docs/apps/launch/protected-customer-data for more details."
    if of.name in ("Customer", "CustomerConnection") and "customer" not in approved:
        raise denied(f"This app is not approved to access the Customer object. {see}")
    need = PROTECTED.get((parent, field))
    if need and need not in approved:
        raise denied(f"This app is not approved to use the {field} field. {see}")


def denied(message: str, required: str = "") -> GraphQLError:
    extensions = {
        "code": "ACCESS_DENIED",
        "documentation": "https://shopify.dev/api/usage/access-scopes",
    }
    if required:
        extensions["requiredAccess"] = required
    return GraphQLError(message, extensions=extensions)
