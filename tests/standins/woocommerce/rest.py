"""The REST API (wc/v3): what is asked, judged and answered as the real one did."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request, Response

from tests.standins.woocommerce import rows
from tests.standins.woocommerce.hooks import Webhooks
from tests.standins.woocommerce.shop import DRAFT, STATUSES, Row, StandInShop

PER_PAGE_WORDS = "per_page must be between 1 (inclusive) and 100 (inclusive)"
DISCOUNTS = ("percent", "fixed_cart", "fixed_product")


class Wrong(Exception):
    """An answer that is not a good one."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(code)
        self.status, self.row = status, rows.error(code, message, status, **more)


def bad_param(name: str, words: str) -> Wrong:
    return Wrong(400, "rest_invalid_param", f"Invalid parameter(s): {name}", params={name: words})


def answer(found: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(
        json.dumps(found, separators=(",", ":")).replace("/", "\\/"),
        status,
        {"X-Robots-Tag": "noindex", **(headers or {})},
        content_type="application/json; charset=UTF-8",
    )


class Api:
    """The routes under /wp-json/wc/v3/, for a request that may speak."""

    def __init__(self, shop: StandInShop, hooks: Webhooks) -> None:
        self.shop, self.hooks = shop, hooks
        self.routes: dict[str, Callable[[Request, str], Response]] = {
            "orders": self._orders,
            "coupons": self._coupons,
            "webhooks": self._webhooks,
            "customers": self._customers,
            "products": self._products,
            "settings": self._settings,
            "system_status": self._system_status,
        }

    def respond(self, request: Request, route: str) -> Response:
        try:
            return self._route(request, route)
        except Wrong as wrong:
            return answer(wrong.row, wrong.status)

    def _route(self, request: Request, route: str) -> Response:
        kind, _, rest = route.strip("/").partition("/")
        action: Callable[..., Response] | None = self.routes.get(kind)
        if kind == "products" and rest.endswith("/variations"):
            return self._variations(request, rest.removesuffix("/variations"))
        if action is None or (rest and not rest.isdecimal() and kind != "settings"):
            raise Wrong(
                404, "rest_no_route", "No route was found matching the URL and request method."
            )
        return action(request, rest)

    # -- orders ----------------------------------------------------------------------

    def _orders(self, request: Request, rest: str) -> Response:
        if rest:
            return self._one(request, "order", self.shop.orders, int(rest))
        if request.method == "POST":
            return self._new_order(request)
        params = last_of_each(request)
        found = self._of_status(params.get("status", "any"))
        found = self._modified_after(found, params)
        for name, fits in (("after", operator.gt), ("before", operator.lt)):
            if params.get(name):
                limit = self._told(name, params)
                found = [row for row in found if fits(row["created"].replace(microsecond=0), limit)]
        return self._page(request, sort(found, params), rows.order)

    def _new_order(self, request: Request) -> Response:
        told = request.get_json()
        who = {**told.get("billing", {})}
        chosen = [(one["product_id"], one["quantity"]) for one in told.get("line_items", [])]
        if chosen:
            who["lines"] = chosen
        made = self.shop.place_order(told.get("status", "pending"), "rest-api", **who)
        return answer(rows.order(self.shop, self.shop.orders[made]), 201)

    def _of_status(self, told: str) -> list[Row]:
        wanted = [one.removeprefix("wc-") for one in told.split(",")]
        for one in wanted:
            if one not in STATUSES:
                raise bad_param("status", f"status[0] is not one of {', '.join(STATUSES)}.")
        with self.shop.lock:
            every = [dict(row) for row in self.shop.orders.values()]
        if "any" in wanted:  # since 10.x that leaves drafts out; before, it did not
            hidden = {"trash"} if self.shop.drafts_early else {"trash", DRAFT}
            return [row for row in every if row["status"] not in hidden]
        return [row for row in every if row["status"] in wanted]

    def _modified_after(self, found: list[Row], params: dict[str, str]) -> list[Row]:
        """Exclusive, to the second; shop-local unless told; a Z *and* the flag shift it twice."""
        if not params.get("modified_after"):
            return found
        after = self._told("modified_after", params)
        return [row for row in found if row["modified"].replace(microsecond=0) > after]

    def _told(self, name: str, params: dict[str, str]) -> datetime:
        try:
            after = datetime.fromisoformat(params[name])
        except ValueError as error:
            raise bad_param(name, "Invalid date.") from error
        gmt = params.get("dates_are_gmt", "").lower() in ("1", "true")
        if after.tzinfo is not None:
            after = after.astimezone(UTC) + (self.shop.offset() if gmt else timedelta(0))
        elif gmt:
            after = after.replace(tzinfo=UTC)
        else:
            after = after.replace(tzinfo=self.shop.zone).astimezone(UTC)
        return after

    # -- coupons -----------------------------------------------------------------------

    def _coupons(self, request: Request, rest: str) -> Response:
        if rest:
            return self._one(request, "coupon", self.shop.coupons, int(rest))
        if request.method == "POST":
            return self._new_coupon(request.get_json())
        code = last_of_each(request).get("code", "").lower()
        found = list(self.shop.coupons.values())
        if code:  # of a published one alone: so the real one looks up its id
            published = [row for row in found if row.get("status", "publish") == "publish"]
            found = [row for row in published if row["code"] == code]
        return self._page(request, found, rows.coupon)

    def _new_coupon(self, told: Row) -> Response:
        code = str(told.get("code", "")).lower()
        kind, worth = told.get("discount_type", "fixed_cart"), float(told.get("amount", 0))
        with self.shop.lock:
            if any(row["code"] == code for row in self.shop.coupons.values()):
                words = "The coupon code already exists"
                raise Wrong(400, "woocommerce_rest_coupon_code_already_exists", words)
            if kind not in DISCOUNTS:
                raise bad_param("discount_type", "discount_type is not one of them.")
            if kind == "percent" and worth > 100:
                raise Wrong(400, "coupon_invalid_discount_amount", "Invalid discount amount.")
            row = self._coupon_row(told, code, kind, worth)
            self.shop.coupons[row["id"]] = row
        self.shop.tell("coupon.created", row["id"])
        return answer(rows.coupon(self.shop, row), 201)

    def _coupon_row(self, told: Row, code: str, kind: str, worth: float) -> Row:
        return {
            "id": self.shop.new_id(),
            "code": code,
            "amount": f"{worth:.2f}",
            "created": self.shop.clock(),
            "discount_type": kind,
            "description": told.get("description", ""),
            "expires": self._expiry(told.get("date_expires")),  # date_expires_gmt: ignored
            "usage_count": 0,
            "individual_use": bool(told.get("individual_use", False)),
            "usage_limit": told.get("usage_limit"),
            "usage_limit_per_user": told.get("usage_limit_per_user"),
            "free_shipping": bool(told.get("free_shipping", False)),
            "minimum_amount": f"{float(told.get('minimum_amount', 0)):.2f}",
            "maximum_amount": "0.00",
            "email_restrictions": [one.lower() for one in told.get("email_restrictions", [])],
            "used_by": [],
            "product_ids": list(told.get("product_ids", [])),
            "excluded_product_ids": list(told.get("excluded_product_ids", [])),
            "limit_usage_to_x_items": told.get("limit_usage_to_x_items"),
            "product_categories": [],
            "excluded_product_categories": [],
            "exclude_sale_items": bool(told.get("exclude_sale_items", False)),
        }

    def _expiry(self, told: Any) -> datetime | None:
        """Shop-local or with a Z; a bare date is the start of that day; nonsense is no expiry."""
        try:
            found = datetime.fromisoformat(told)
        except (TypeError, ValueError):
            return None
        local = found if found.tzinfo else found.replace(tzinfo=self.shop.zone)
        return local.astimezone(UTC).replace(microsecond=0)

    # -- the rest -----------------------------------------------------------------------

    def _webhooks(self, request: Request, rest: str) -> Response:
        if not rest and request.method == "POST":
            told = request.get_json()
            if not re.match(r"https?://", told.get("delivery_url", "")):
                words = "Webhook delivery URL must start with http:// or https://"
                raise Wrong(400, "woocommerce_rest_shop_webhook_invalid_delivery_url", words)
            return answer(self.hooks.shown(self.hooks.create(told)), 201)
        if not rest:
            found = list(self.hooks.all.values())[::-1]
            return self._page(request, found, lambda _, row: self.hooks.shown(row))
        number = int(rest)
        if number not in self.hooks.all:
            raise Wrong(404, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.")
        if request.method == "PUT":
            self.hooks.change(number, request.get_json())
        if request.method == "DELETE":
            return answer(self.hooks.shown(self.hooks.all.pop(number)))
        return answer(self.hooks.shown(self.hooks.all[number]))

    def _customers(self, request: Request, rest: str) -> Response:
        if rest:
            return self._one(request, "customer", self.shop.customers, int(rest))
        # modified_after: ignored, as the real one ignores it
        return self._page(request, list(self.shop.customers.values()), rows.customer)

    def _products(self, request: Request, rest: str) -> Response:
        if rest:
            return self._one(request, "product", self.shop.products, int(rest))
        # the list leaves variations out, even where they are asked for by id
        found = [row for row in self.shop.products.values() if "parent" not in row]
        found = included(self._modified_after(found, last_of_each(request)), request)
        return self._page(request, found, rows.product)

    def _variations(self, request: Request, parent: str) -> Response:
        if not parent.isdecimal() or int(parent) not in self.shop.products:
            raise Wrong(404, rows.gone("product")["code"], "Invalid ID.")
        found = [row for row in self.shop.products.values() if row.get("parent") == int(parent)]
        return self._page(request, included(found, request), rows.variation)

    def _settings(self, request: Request, rest: str) -> Response:
        if rest != "general":
            raise Wrong(404, "rest_setting_setting_group_invalid", "Invalid setting group.")
        told = {"woocommerce_currency": self.shop.currency, "woocommerce_default_country": "US:CA"}
        return answer([{"id": name, "value": value} for name, value in told.items()])

    def _system_status(self, request: Request, rest: str) -> Response:
        told = {"home_url": self.shop.address, "version": self.shop.version, "language": "en_US"}
        return answer({"environment": told})

    def _one(self, request: Request, kind: str, table: dict[int, Row], number: int) -> Response:
        if number not in table:
            raise Wrong(404, rows.gone(kind)["code"], "Invalid ID.")
        found = rows.RENDER[kind](self.shop, table[number])
        if request.method == "PUT" and kind == "order":
            self.shop.set_status(number, request.get_json()["status"])
            found = rows.order(self.shop, table[number])
        if request.method == "PUT" and kind == "customer":
            self.shop.keep_meta(number, request.get_json().get("meta_data", []))
            found = rows.customer(self.shop, table[number])
        if request.method == "DELETE" and kind == "order" and not forced(request):
            self.shop.trash(number)
        elif request.method == "DELETE":
            del table[number]
        return answer(found)

    def _page(
        self, request: Request, found: list[Row], write: Callable[[StandInShop, Row], Row]
    ) -> Response:
        params = last_of_each(request)
        size, page = int(params.get("per_page", 10)), int(params.get("page", 1))
        if not 1 <= size <= 100:
            raise bad_param("per_page", PER_PAGE_WORDS)
        pages = -(-len(found) // size)
        headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)}
        if page < pages:  # over http this repeats the oauth_* parameters: not to be followed
            query = "&".join(f"{k}={v}" for k, v in {**params, "page": str(page + 1)}.items())
            headers["Link"] = f'<{request.base_url}?{query}>; rel="next"'
        chosen = found[(page - 1) * size : page * size]
        return answer([write(self.shop, row) for row in chosen], 200, headers)


def forced(request: Request) -> bool:
    return last_of_each(request).get("force", "").lower() in ("1", "true")


def included(found: list[Row], request: Request) -> list[Row]:
    """Those of `include`, ids with commas between; all of them without it."""
    told = last_of_each(request).get("include", "")
    wanted = {int(one) for one in told.split(",") if one.strip().isdecimal()}
    return [row for row in found if row["id"] in wanted] if told else found


def sort(found: list[Row], params: dict[str, str]) -> list[Row]:
    """By `orderby` (date, modified, id) and `order`; the newest first by default."""
    name = {"modified": "modified", "id": "id"}.get(params.get("orderby", "date"), "created")
    down = params.get("order", "desc") == "desc"
    return sorted(found, key=lambda row: row[name], reverse=down)


def last_of_each(request: Request) -> dict[str, str]:
    """The query as PHP reads it: the last of a repeated name counts."""
    query = request.query_string.decode()
    return {name.removesuffix("[]"): value for name, value in parse_qsl(query)}
