"""What no form of ours sends, sent by a member all the same: told, and no fault of ours."""

from __future__ import annotations

import pytest

from tests.web.stage import Stage
from tests.web.test_every_door import address_of, doors
from tests.web.test_merchant_door import a_browser, get, mark, post

BEYOND = ("9223372036854775808", "9" * 40, "9" * 5000)


def test_a_number_beyond_all_rows_is_nothing_at_any_address(stage: Stage) -> None:
    shop = stage.a_woocommerce_shop()
    browser = a_browser(stage, shop)
    form, asked = mark(browser), 0
    for method in ("GET", "POST"):
        for rule in doors(stage, method, "/shops/"):
            if "<int:" not in rule.rule:
                continue
            for number in BEYOND:
                address = address_of(stage, rule, 1).replace("/1", f"/{number}", 1)
                answer = get(browser, address) if method == "GET" else None
                if answer is None:
                    answer = post(browser, address, form=form, do="out", text="a", once="a" * 20)
                asked += 1
                assert answer.status_code in (404, 405), address[:80]
    assert asked >= 40


@pytest.mark.parametrize("odd", ["\x00", "a\x00b", "a\u202eb\x07"])
def test_letters_that_nobody_sees_are_in_no_name(stage: Stage, odd: str) -> None:
    shop = stage.a_woocommerce_shop()
    browser = a_browser(stage, shop)
    form, plain = mark(browser), "".join(char for char in odd if char.isalpha())
    named = post(browser, f"/shops/{shop.key}/team/me", form=form, name=odd, language="")
    assert named.status_code == 302
    assert [row.name for row in stage.rows("members")] == [plain]
    day = f"{stage.clock():%Y-%m-%d}"
    marked = post(browser, f"/shops/{shop.key}/why/marks", form=form, day=day, words=odd)
    assert marked.status_code == (302 if plain else 422)
    assert [row.words for row in stage.rows("marks")] == ([plain] if plain else [])
