"""WordPress's tools for personal data, by way of the plugin."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from typing import Any

import pytest
from werkzeug.test import TestResponse

import logs
from connectors.woocommerce.plugin import CARTS as CARTS_DOOR
from connectors.woocommerce.plugin import PRIVACY, signature
from recovery import receipts, tables
from tests.connectors.woocommerce_recordings import FOLDER
from tests.web.stage import PLUGIN_SECRET, Stage

CARTS = (FOLDER / "plugin-carts.json").read_bytes()
EMAIL, PHONE = "nele.brandt@etu.example", "+4915123456789"
NONCE, OTHER = "3f0b9c1d2e4a5968", "3f0b9c1d2e4a5969"


def asks(
    stage: Stage,
    kind: str,
    nonce: str = NONCE,
    *,
    email: Any = EMAIL,
    key: str = "pots",
    secret: str = PLUGIN_SECRET,
    at: datetime | None = None,
    language: str = "en",
    door: str = PRIVACY,
    **more: Any,
) -> TestResponse:
    body = json.dumps({"version": 1, "kind": kind, "email": email} | more).encode()
    stamp = str(int((at or stage.clock()).timestamp()))
    headers = {
        "X-Relance-Timestamp": stamp,
        "X-Relance-Nonce": nonce,
        "X-Relance-Signature": signature(secret, stamp, nonce, body, door),
        "Accept-Language": language,
    }
    return stage.client.post(f"/hooks/woocommerce/{key}/privacy", data=body, headers=headers)


@pytest.fixture
def with_a_cart(stage: Stage) -> Stage:
    """Nele's cart came in by the plugin."""
    stage.a_woocommerce_shop()
    stage.plugin_sends(CARTS, "a-nonce-of-the-carts")
    return stage


def names_her(stage: Stage) -> bool:
    all_rows = str([stage.rows(name) for name in tables.metadata.tables if name != "suppressions"])
    return any(word in all_rows for word in (EMAIL, PHONE, "Nele", "0151 23456789"))


def test_an_export_tells_what_is_held_in_the_form_of_wordpress(with_a_cart: Stage) -> None:
    answer = asks(with_a_cart, "export", email=f" {EMAIL.upper()} ")
    assert answer.status_code == 200
    groups = {group["id"]: group for group in answer.json["groups"]}  # type: ignore[index]
    assert groups["relance-carts"]["label"] == "Carts"
    (cart,) = groups["relance-carts"]["items"]
    assert {"name": "Phone", "value": PHONE} in cart
    assert {"name": "Contents", "value": "2 × Teapot"} in cart
    assert "okan@mail.example" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_export_speaks_french_where_that_is_asked_for(with_a_cart: Stage) -> None:
    groups = asks(with_a_cart, "export", language="fr").json["groups"]  # type: ignore[index]
    labels = {group["label"] for group in groups}
    assert {"Paniers", "Accords et refus"} <= labels
    said = {value["value"] for group in groups for item in group["items"] for value in item}
    assert {"oui", "non"} <= said


def test_nobody_known_is_an_empty_export(with_a_cart: Stage) -> None:
    assert asks(with_a_cart, "export", email="nobody@example.com").json == {"groups": []}


def test_an_erasing_leaves_nobody_and_says_how_much(with_a_cart: Stage) -> None:
    assert names_her(with_a_cart)
    answer = asks(with_a_cart, "erase").json
    assert answer is not None
    assert (answer["removed"] > 2, answer["retained"]) == (True, 0)
    assert answer["words"].startswith("Erased.")
    assert not names_her(with_a_cart)
    again = asks(with_a_cart, "erase", OTHER).json
    assert again == {"removed": 0, "retained": 0, "words": "Nothing was held of this person."}


def test_a_stop_stays_and_that_is_said(with_a_cart: Stage) -> None:
    stage = with_a_cart
    shop = stage.the_shop()
    stage.database.run(lambda db: receipts.stop_at_shop(db, shop.id, PHONE, "reply", stage.clock()))
    answer = asks(stage, "erase", language="fr").json
    assert answer is not None
    assert (answer["retained"], "ne veut plus de messages" in answer["words"]) == (1, True)
    assert stage.rows("suppressions") == []
    assert PHONE not in repr(stage.rows("stop_marks"))
    assert stage.count("stop_marks") == 1


@pytest.mark.parametrize("kind", ["export", "erase"])
def test_a_forged_or_foreign_request_is_401_and_changes_nothing(
    with_a_cart: Stage, kind: str
) -> None:
    before = with_a_cart.rows("carts")
    for wrong in ({"secret": "thorn"}, {"secret": ""}, {"key": "other"}, {"nonce": "short"}):
        answer = asks(with_a_cart, kind, **wrong)  # type: ignore[arg-type]
        assert (answer.status_code, list(answer.json or {})) == (401, ["error"])
    bare = with_a_cart.client.post("/hooks/woocommerce/pots/privacy", json={"version": 1})
    assert bare.status_code == 401
    assert with_a_cart.rows("carts") == before
    assert with_a_cart.count("nonces") == 1


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_request_of_another_time_is_401(with_a_cart: Stage, minutes: int) -> None:
    sent_at = with_a_cart.clock()
    with_a_cart.clock.forward(minutes=minutes)
    assert asks(with_a_cart, "erase", at=sent_at).status_code == 401
    assert names_her(with_a_cart)


def test_a_replay_is_401_and_tells_nothing(with_a_cart: Stage) -> None:
    assert asks(with_a_cart, "export").status_code == 200
    again = asks(with_a_cart, "export")
    assert (again.status_code, EMAIL in again.text) == (401, False)
    used_by_carts = asks(with_a_cart, "erase", "a-nonce-of-the-carts")
    assert used_by_carts.status_code == 401
    assert names_her(with_a_cart)


def test_what_was_signed_for_the_carts_door_opens_not_this_one(with_a_cart: Stage) -> None:
    assert asks(with_a_cart, "erase", door=CARTS_DOOR).status_code == 401
    assert names_her(with_a_cart)


def test_what_was_signed_for_this_door_opens_not_that_of_the_carts(with_a_cart: Stage) -> None:
    body = json.dumps({"version": 1, "kind": "erase", "email": EMAIL}).encode()
    stamp = str(int(with_a_cart.clock().timestamp()))
    headers = {
        "X-Relance-Timestamp": stamp,
        "X-Relance-Nonce": NONCE,
        "X-Relance-Signature": signature(PLUGIN_SECRET, stamp, NONCE, body, PRIVACY),
    }
    # The second is the same signed text, cut at another place.
    for played in (body, b"privacy." + body):
        answer = with_a_cart.client.post(
            "/hooks/woocommerce/pots/carts", data=played, headers=headers
        )
        assert answer.status_code == 401
    assert with_a_cart.count("unread") == 0


def test_the_plugin_can_tell_our_answers_from_anybody_elses(with_a_cart: Stage) -> None:
    answers = [
        asks(with_a_cart, "export"),
        asks(with_a_cart, "export"),  # a replay
        asks(with_a_cart, "export", OTHER, email="nobody"),
        asks(with_a_cart, "export", secret="thorn"),
    ]
    with with_a_cart.without_table("replies"):
        answers.append(asks(with_a_cart, "erase", "a-nonce-of-the-faults"))
    assert [answer.status_code for answer in answers] == [200, 401, 400, 401, 500]
    assert {answer.headers.get("X-Relance") for answer in answers} == {"1"}


def test_a_fault_of_ours_uses_no_nonce_up(with_a_cart: Stage) -> None:
    with with_a_cart.without_table("replies"):
        assert asks(with_a_cart, "erase").status_code == 500
    assert names_her(with_a_cart)
    assert asks(with_a_cart, "erase").status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "erase_shop"},
        {"kind": "export", "version": 2},
        {"kind": "export", "email": ""},
        {"kind": "export", "email": None},
        {"kind": "export", "email": ["a@b.example"]},
        {"kind": "export", "email": "no address"},
        {"kind": "export", "email": "a" * 5_000},
    ],
)
def test_another_form_is_400_and_not_kept(
    with_a_cart: Stage, changed: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    answer = asks(with_a_cart, **changed)
    assert (answer.status_code, list(answer.json or {})) == (400, ["error"])
    assert with_a_cart.count("unread") == 0
    assert names_her(with_a_cart)


def test_nothing_personal_is_logged(with_a_cart: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    asks(with_a_cart, "export")
    asks(with_a_cart, "erase", OTHER)
    lines = [logs.JsonLines().format(record) for record in caplog.records]
    assert lines and not any(EMAIL in line or PHONE in line for line in lines)


# -- "no thanks", by the door of the carts ------------------------------------------------------


def test_a_no_thanks_at_the_plugins_door_leaves_nothing_behind(with_a_cart: Stage) -> None:
    key = json.loads(CARTS)["carts"][0]["key"]
    gone = {"key": key, "forget": True, "changed_at": "2026-11-20T12:59:00Z"}
    body = json.dumps({"version": 1, "carts": [gone]}).encode()
    assert with_a_cart.plugin_sends(body, NONCE, secret="thorn").status_code == 401
    assert names_her(with_a_cart)
    assert with_a_cart.plugin_sends(body, NONCE).text == "stored"
    assert not names_her(with_a_cart)
    assert with_a_cart.plugin_sends(CARTS, OTHER).text == "stored"  # late, from before
    (cart,) = with_a_cart.rows("carts")
    assert (cart.state, cart.email, cart.phone, cart.way_back) == ("expired", None, None, None)
