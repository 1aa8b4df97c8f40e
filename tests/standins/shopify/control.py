"""A door for another process: `POST /stand-in/<shop>/<action>` with JSON arguments.

Only the actions below; the same words as the methods of `StandInShop`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from typing import Any

ACTIONS = frozenset(
    "add_checkout change_checkout delete_checkout complete_checkout add_order change_order "
    "cancel_order refund add_customer change_customer change_consent add_product change_product "
    "change_shop change_scopes fill_cart change_cart "
    "begin_checkout ship parcel_news approve ask_privacy uninstall install fail_next".split()
)
JSON = "application/json; charset=utf-8"
Page = tuple[int, bytes, str]


def serve(stand_in: Any, method: str, path: str, body: bytes) -> Page:
    """Do one action; 200 with the record that it made, 400 with what was wrong."""
    _, _, *parts = path.split("/")  # "", "stand-in", shop, action
    if method == "GET" and not parts:
        return _say(200, {"shops": sorted(stand_in.shops), "actions": sorted(ACTIONS)})
    if method != "POST" or len(parts) != 2 or parts[1] not in ACTIONS:
        return _say(404, {"errors": "No such action"})
    shop = stand_in.shops.get(parts[0])
    if shop is None:
        return _say(404, {"errors": "No such shop"})
    try:
        done = getattr(shop, parts[1])(**json.loads(body or b"{}"))
    except (AssertionError, ArithmeticError, TypeError, ValueError) as error:
        return _say(400, {"errors": f"{type(error).__name__}: {error}"})
    said = asdict(done) if is_dataclass(done) and not isinstance(done, type) else done
    if parts[1] in ("add_checkout", "change_checkout"):
        said["recovery_url"] = shop.recovery_url(done)
    return _say(200, said)


def _say(status: int, said: Any) -> Page:
    return status, json.dumps(said, default=str).encode(), JSON
