"""Speaking to one shop's Admin GraphQL API: the budget, the clock, what may go wrong.

Own HTTP because ShopifyAPI's has no time-out, knows neither 429 nor THROTTLED, prints
error bodies, and keeps the shop it speaks to in globals. REST is never used: public
apps may not.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from connectors.protocols import (
    AccountStopped,
    Busy,
    Connection,
    NoAnswer,
    Refused,
    Unreadable,
)
from connectors.shopify.reading import Json, amount, part, parts, read_json, text
from connectors.shopify.signing import sanitised_shop

NEWEST_KNOWN = "2026-07"
TIMEOUT = (3.05, 20.0)  # to connect, and between two bytes of the answer; seconds
SHORT_WAIT = 1.0  # a worker may sleep this long; for longer it does something else
MOST_POINTS = 1000.0  # of one query, on every plan

_STOPPED = {
    401: "Shopify no longer accepts our access to this shop: install the app again",
    402: "the shop is frozen by Shopify for want of payment",
    403: "Shopify denies access: install the app again and grant what it asks for",
    404: "Shopify knows no such shop: it is closed or renamed",
    423: "the shop is locked by Shopify",
}


@dataclass(frozen=True, slots=True)
class Budget:
    """What Shopify last said of the shop's bucket of points, and when we read it."""

    most: float
    left: float
    restored_per_second: float
    read_at: float  # time.monotonic()

    def wait_for(self, points: float) -> float:
        """Seconds until `points` are there; a query dearer than the bucket needs it full."""
        missing = min(points, self.most) - self.left
        elapsed = time.monotonic() - self.read_at
        return max(0.0, missing / self.restored_per_second - elapsed)


@dataclass(frozen=True, slots=True)
class Answer:
    """The `data` of an answer, and the paths of what Shopify withheld from it."""

    data: Json
    denied: tuple[tuple[Any, ...], ...] = ()


class Admin:
    """The Admin API of one shop. One object, one session; not for several threads.

    `budget` is what the last answer left.
    """

    def __init__(self, connection: Connection) -> None:
        shop = sanitised_shop(connection.address)
        if shop is None:
            raise AccountStopped("the shop's address is no Shopify domain")
        self.shop = shop
        self.version = connection.options.get("api_version") or NEWEST_KNOWN
        self.budget: Budget | None = None
        self._their_clock: tuple[datetime, float] | None = None  # Date, time.monotonic()
        self._token = connection.credentials.get("access_token", "")
        self._address = base_address(connection, shop) + f"/admin/api/{self.version}/graphql.json"
        self._costs: dict[str, float] = {}
        self._session = requests.Session()

    def ask(self, document: str, variables: Mapping[str, Any], cost: float) -> Answer:
        """Send a query of about `cost` points.

        What the shop's approval withholds is null in the data and listed in `denied`.
        Raises `Busy` (also when the points would not suffice: then nothing was sent),
        `AccountStopped`, `Unreadable`.
        """
        return self._exchange(document, variables, cost, changes=False)

    def change(self, document: str, variables: Mapping[str, Any]) -> Json:
        """Send a mutation and give its `data`.

        Raises `Refused`, `Busy`, `AccountStopped` (in all three nothing happened), and
        `NoAnswer`. An answer's `userErrors` are for the caller to judge.
        """
        return self._exchange(document, variables, 10.0, changes=True).data

    def clock_offset(self, now: datetime, read_at: float) -> float | None:
        """Our clock minus Shopify's in seconds, whole seconds being all a `Date` tells.

        `now` is our clock at the moment `read_at` of `time.monotonic()`. None before
        the first answer.
        """
        if self._their_clock is None:
            return None
        theirs, seen_at = self._their_clock
        return (now - theirs).total_seconds() + seen_at - read_at

    def close(self) -> None:
        """Close the connection to the shop."""
        self._session.close()

    def _exchange(
        self, document: str, variables: Mapping[str, Any], cost: float, *, changes: bool
    ) -> Answer:
        if not self._token:
            raise AccountStopped(_STOPPED[401])
        self._keep_to_the_budget(self._costs.get(document, cost))
        body = json.dumps({"query": document, "variables": dict(variables)})
        response = post(
            self._session,
            self._address,
            body,
            {"Host": self.shop, "X-Shopify-Access-Token": self._token},
            changes=changes,
        )
        self._read_the_clock(response.headers.get("Date"))
        _raise_for_status(response, changes=changes)
        try:
            payload, _ = read_json(response.content)
        except Unreadable as error:
            raise _lost(changes, "an answer that is no JSON") from error
        self._read_the_cost(document, part(part(payload.get("extensions")).get("cost")))
        return self._answer(payload, document, changes=changes)

    def _keep_to_the_budget(self, points: float) -> None:
        wait = self.budget.wait_for(points) if self.budget else 0.0
        if wait > SHORT_WAIT:
            raise Busy("the shop's points are used up", retry_after=wait)
        if wait > 0:
            time.sleep(wait)

    def _read_the_clock(self, date: str | None) -> None:
        try:
            theirs = parsedate_to_datetime(date or "")
        except (TypeError, ValueError):
            return  # no Date, or nonsense: what we know stands
        if theirs.tzinfo is not None:
            self._their_clock = (theirs, time.monotonic())

    def _read_the_cost(self, document: str, cost: Json) -> None:
        status = part(cost.get("throttleStatus"))
        most, left, restored = (
            amount(status.get(name))
            for name in ("maximumAvailable", "currentlyAvailable", "restoreRate")
        )
        if most and left is not None and restored:
            self.budget = Budget(float(most), float(left), float(restored), time.monotonic())
        asked = amount(cost.get("requestedQueryCost"))
        if asked:
            self._costs[document] = float(asked)

    def _answer(self, payload: Json, document: str, *, changes: bool) -> Answer:
        data = payload.get("data")
        denied: list[tuple[Any, ...]] = []
        for error in _errors(payload):
            code = text(part(error.get("extensions")).get("code")) or ""
            if code == "ACCESS_DENIED" and not changes and isinstance(data, dict):
                path = error.get("path")
                denied.append(tuple(path) if isinstance(path, list) else ())
            else:
                self._raise_for_code(code, document, changes=changes)
        if not isinstance(data, dict):
            raise _lost(changes, "an answer without data")
        return Answer(data, tuple(denied))

    def _raise_for_code(self, code: str, document: str, *, changes: bool) -> NoReturn:
        if code == "THROTTLED":
            points = self._costs.get(document, MOST_POINTS)
            wait = self.budget.wait_for(points) if self.budget else 2.0
            raise Busy("Shopify throttles", retry_after=max(wait, 1.0))
        if code == "ACCESS_DENIED":
            raise AccountStopped(_STOPPED[403])
        if code in {"SHOP_INACTIVE", "SHOP_FROZEN"}:
            raise AccountStopped(_STOPPED[402])
        if code in {"INTERNAL_SERVER_ERROR", "TIMEOUT"}:
            raise _lost(changes, f"Shopify failed ({code})")
        if changes:
            raise Refused(f"Shopify refuses ({code or 'no code given'})")
        raise Unreadable(f"Shopify does not understand our query ({code or 'no code given'})")


def base_address(connection: Connection, shop: str) -> str:
    """Where requests for `shop` go: to itself, or to a stand-in (`host_override`)."""
    return (connection.options.get("host_override") or f"https://{shop}").rstrip("/")


def post(
    session: requests.Session,
    address: str,
    body: str,
    headers: Mapping[str, str],
    *,
    changes: bool,
) -> requests.Response:
    """Send JSON once. Raises `Busy` where nothing can have happened, else `NoAnswer`."""
    try:
        return session.post(
            address,
            data=body,
            headers={"Content-Type": "application/json", "Accept": "application/json", **headers},
            timeout=TIMEOUT,
            allow_redirects=False,
        )
    except requests.exceptions.ConnectTimeout as error:
        raise Busy("Shopify cannot be reached (ConnectTimeout)") from error
    except (requests.exceptions.SSLError, requests.exceptions.ProxyError) as error:
        raise Busy(f"no safe line to Shopify ({type(error).__name__})") from error
    except requests.exceptions.RequestException as error:
        if _never_connected(error):
            raise Busy("Shopify cannot be reached") from error
        raise _lost(changes, f"the line to Shopify broke ({type(error).__name__})") from error


def _never_connected(error: requests.exceptions.RequestException) -> bool:
    """Whether no connection came about; requests tells it only by the error within."""
    within = error.args[0] if error.args else None
    return isinstance(within, MaxRetryError) and isinstance(within.reason, NewConnectionError)


def _raise_for_status(response: requests.Response, *, changes: bool) -> None:
    status = response.status_code
    if status == 200:
        return
    if status in _STOPPED:
        raise AccountStopped(_STOPPED[status], retry_after=3600.0)
    if status == 429:
        raise Busy("Shopify throttles", retry_after=retry_after(response))
    if status >= 500:
        raise _lost(changes, f"Shopify failed ({status})")
    if changes:
        raise Refused(f"Shopify refuses ({status})")
    raise Busy(f"Shopify answers {status}", retry_after=300.0)


def retry_after(response: requests.Response) -> float:
    """The seconds a 429 asks for; two where it asks for none or for nonsense."""
    try:
        asked = Decimal(response.headers.get("Retry-After", ""))
    except ArithmeticError:
        return 2.0
    return float(min(asked, Decimal(3600))) if asked.is_finite() and asked > 0 else 2.0


def _lost(changes: bool, reason: str) -> Busy | NoAnswer:
    """A mutation may have happened; a query is simply asked again."""
    return NoAnswer(reason) if changes else Busy(reason)


def _errors(payload: Json) -> list[Json]:
    errors = payload.get("errors")
    if isinstance(errors, str):  # an error of the door, not of GraphQL
        return [{}]
    return parts(errors)
