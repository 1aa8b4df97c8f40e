"""What a customer said to us about messages, kept with them in the shop: as customer metadata.

WooCommerce has no consents of its own, so each channel gets a field that the plugin shows beside
the customer. Guests have no row there: nobody is told of theirs.
"""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.protocols import Unreadable
from connectors.woocommerce.client import Rest
from connectors.woocommerce.fields import Row
from recovery.model import Channel

FIELDS = {Channel.SMS: "relance_sms_consent", Channel.EMAIL: "relance_email_consent"}
_AT = "%Y-%m-%dT%H:%M:%SZ"


def write_consent(
    rest: Rest, customer_key: str, channel: Channel, granted: bool, at: datetime
) -> None:
    """Keep "yes" or "no" with its time, unless the shop holds a newer word.

    Raises `Refused` for a customer that is gone, `Busy`, `NoAnswer`, `AccountStopped`,
    `Unreadable`. Telling it twice changes nothing.
    """
    field, customer = FIELDS[channel], f"customers/{int(customer_key)}"
    said = at.astimezone(UTC).strftime(_AT)
    if said_at(rest.get(customer).row(), field) < said:
        word = "yes" if granted else "no"
        rest.put(customer, {"meta_data": [{"key": field, "value": f"{word} {said}"}]})


def said_at(customer: Row, field: str) -> str:
    """When the word that the shop holds was said; "" where it holds none that can be read."""
    rows = customer.get("meta_data")
    if not isinstance(rows, list):
        raise Unreadable("a customer without metadata")
    mine = [row for row in rows if isinstance(row, dict) and row.get("key") == field]
    at = str(mine[-1].get("value")).partition(" ")[2] if mine else ""
    try:
        return datetime.strptime(at, _AT).strftime(_AT)  # noqa: DTZ007 - compared as text in UTC
    except ValueError:
        return ""
