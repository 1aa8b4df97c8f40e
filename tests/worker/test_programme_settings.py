"""A shop's programme from the command line: a preset, a file, an offer, on and off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec import json, structs

from recovery import accounts, programmes, shops, split_rows, splits
from recovery.adaptive import Matured
from recovery.database import Database
from recovery.model import Channel
from recovery.programme_form import Delay, Programme, Start, Step, written
from recovery.split_rows import Split
from settings import HERE
from tests.conftest import SetClock
from tests.recovery.split_stories import adaptive
from tests.recovery.stories import KEYS, a_shop
from worker.programme_settings import change
from worker.shop_settings import NotSettable


def lines(database: Database, clock: SetClock, *given: str) -> list[str]:
    return change(database, "nord", given, clock())


@pytest.fixture
def shop(database: Database, clock: SetClock) -> None:
    a_shop(database, clock(), key="nord")


@pytest.mark.usefixtures("shop")
def test_without_a_programme_the_built_in_one_is_shown(database: Database, clock: SetClock) -> None:
    assert lines(database, clock)[0] == "# own programme, built in; 0% held out"


@pytest.mark.usefixtures("shop")
def test_a_preset_is_taken_over_and_shown(database: Database, clock: SetClock) -> None:
    shown = lines(database, clock, "preset=fashion", "offer=percent:10")
    assert shown[0] == "# fashion programme, version 1; 10% held out"
    assert shown[2].startswith("1. sms, reminder, after 30 min (2 h from the border on)")
    assert shown[3].endswith("offers percent 10")


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("percent:10:cart", "offers percent 10 on the lines of the cart"),
        ("amount:5:123, 456", "offers amount 5 on the products 123, 456"),
        ("percent:10:", "offers percent 10"),
    ],
)
def test_an_offer_may_be_on_lines_and_is_kept_so(
    database: Database, clock: SetClock, given: str, shown: str
) -> None:
    lines(database, clock, "preset=fashion", f"offer={given}")
    assert lines(database, clock)[3].endswith(shown)


@pytest.mark.usefixtures("shop")
def test_off_keeps_the_steps_and_on_runs_them_again(database: Database, clock: SetClock) -> None:
    lines(database, clock, "preset=food")
    assert "(off)" in lines(database, clock, "off")[0]
    assert len(lines(database, clock, "on")) == len(lines(database, clock))
    with database.reading() as db:
        assert programmes.held(db, 1, programmes.CART) is not None


@pytest.mark.usefixtures("shop")
def test_what_is_shown_as_json_can_be_given_as_a_file(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    (written,) = lines(database, clock, "preset=travel", "json")
    (tmp_path / "mine.json").write_text(written)
    assert lines(database, clock, f"file={tmp_path}/mine.json", "json") == [written]
    assert "version 2" in lines(database, clock)[0]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("preset=cars", "there are fashion"),
        ("holdout=0.6", "between 0 and 50"),
        ("holdout=x", "a share such as"),
        ("offer=gold", "one of percent"),
        ("offer=percent:x", "such as percent:10"),
        ("offer=percent:300", "percent"),
        ("offer=free_shipping:0:cart", "not for certain lines"),
        ("offer=percent:10:" + ",".join(map(str, range(101))), "1 to 100 keys"),
        ("file=/nowhere", "file:"),
        ("colour=red", "no such thing"),
        ("please", "say preset="),
        ("on", "take one over"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_changes(
    database: Database, clock: SetClock, given: str, words: str
) -> None:
    before = lines(database, clock)
    with pytest.raises(NotSettable, match=words):
        lines(database, clock, given, *(["preset=fashion"] if "offer" in given else []))
    if not given.startswith("offer"):
        assert lines(database, clock) == before


@pytest.mark.parametrize(
    ("sender", "step", "wrong"),
    [
        ("AtelierNord", {"texts": {"fr": "{{ shop }} {{ link }} {{ stop_words }}"}}, "texts/fr"),
        ("AtelierNord", {"asks_why": True}, "asks_why"),
        ("+33700000001", {"texts": {"fr": "{{ shop }} {{ link }} {{ stop_link }}"}}, "texts/fr"),
        ("+33700000001", {"texts": {"fr": "{{ shop }} {{ link }} {{ stop_words }}"}}, None),
        ("+33700000001", {"asks_why": True}, None),
    ],
)
def test_a_text_must_offer_the_way_out_that_its_sender_has(
    database: Database,
    clock: SetClock,
    tmp_path: Path,
    sender: str,
    step: dict[str, Any],
    wrong: str | None,
) -> None:
    with database.transaction() as db:
        account = accounts.keep(db, KEYS, "theirs", "vonage", sender, {"application_id": "app"})
    a_shop(database, clock(), key="nord", account_id=account.id)
    form = Programme(
        start=Start.CART,
        steps=(Step(number=1, channel=Channel.SMS, delay=Delay(3600), **step),),
    )
    (tmp_path / "mine.json").write_bytes(json.encode(form))
    given = f"file={tmp_path}/mine.json"
    if wrong is None:
        assert not [line for line in lines(database, clock, given) if line.startswith("!")]
    else:
        with pytest.raises(NotSettable, match=f"steps/1/{wrong}"):
            lines(database, clock, given)


def test_an_unknown_shop_is_told(database: Database, clock: SetClock) -> None:
    with pytest.raises(NotSettable, match="no shop has the key"):
        lines(database, clock)


@pytest.mark.usefixtures("shop")
def test_the_example_that_asks_why_can_be_taken_over(database: Database, clock: SetClock) -> None:
    found = lines(database, clock, f"file={HERE / 'docs/examples/survey.json'}")
    assert "0% held out" in found[0] and found[1].startswith("1. sms")
    with database.reading() as db:
        shop = shops.by_key(db, "nord")
        assert shop is not None
        held = programmes.held(db, shop.id, programmes.CART)
    assert held is not None and held[2].steps[0].asks_why


@pytest.mark.usefixtures("shop")
def test_shares_are_shown_and_may_learn(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    two = structs.replace(adaptive(30, 20), adaptive=False)
    (tmp_path / "mine.json").write_text(written(two))
    shown = lines(database, clock, f"file={tmp_path}/mine.json", "adaptive=yes")
    told = ["# variant early: 30 of 100", "# variant late: 20 of 100", "# control: 50 of 100"]
    assert [each for each in shown if " of 100" in each] == told
    with database.reading() as db:
        assert splits.is_one_due(db, clock())
    seen = {"early": Matured(50, 5), "late": Matured(60, 9)}
    learned = Split(1, clock(), {"early": 10, "late": 40}, 5_000, seen, 1)
    database.run(lambda db: split_rows.add(db, 1, "cart", learned))
    shown = lines(database, clock)
    assert "# variant late: 40 of 100" in shown
    assert shown[-1].endswith("learned from orders: early 5 of 50, late 9 of 60")
    assert "# variant late: 20 of 100" in lines(database, clock, "adaptive=no")
    with database.reading() as db:
        assert not splits.is_one_due(db, clock())
    with pytest.raises(NotSettable, match="yes or no"):
        lines(database, clock, "adaptive=1")
