"""The proof of a consent: whole, the same each time, and telling of any later change."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest

from recovery import consent_proof, stopping, tables
from recovery.consent_proof import COLUMNS, as_csv, as_json, is_whole
from recovery.database import Database
from recovery.model import Channel, Consent, CustomerSeen, Shopper
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stories import EMAIL, PHONE, a_shop, record
from tests.recovery.test_consent import reply
from worker.consents import NotAsked, consents
from worker.plugin_codes import NoSuchShop


def a_history(database: Database, clock: SetClock) -> ShopRow:
    """A yes in our box, a stop by reply, taken back; and a mail address beside it."""
    shop = a_shop(database, clock(), key="nord")
    where = ("fr", "https://nord.example/caisse", "198.51.100.7")
    words = (
        Consent(Channel.SMS, PHONE, True, "checkout", clock(), "Oui, par « SMS »", *where),
        Consent(Channel.EMAIL, EMAIL, False, "box", clock(), "=HYPERLINK(1)"),
    )
    record(
        database, shop, CustomerSeen(Shopper(country="FR", consents=words), clock()), now=clock()
    )
    reply(database, "STOP", clock.forward(minutes=1), "r1")
    reply(database, "START", clock.forward(minutes=1), "r2")
    return shop


def proof(database: Database, shop: ShopRow, address: str = PHONE) -> consent_proof.Proof:
    with database.reading() as db:
        return consent_proof.of_address(db, shop, address)


def test_every_row_is_told_with_all_that_proves_it(database: Database, clock: SetClock) -> None:
    shop = a_history(database, clock)
    yes, no, again, stop = proof(database, shop).entries
    assert {name: yes[name] for name in COLUMNS if name != "digest"} == {
        "entry": "consent",
        "who": PHONE,
        "channel": "sms",
        "said": "yes",
        "at": "2026-11-18T09:00:00.000000+00:00",
        "source": "checkout",
        "by": "checkout_box",
        "source_in_words": "box at the checkout",
        "words": "Oui, par « SMS »",
        "language": "fr",
        "page": "https://nord.example/caisse",
        "ip": "198.51.100.7",
        "recorded_at": "2026-11-18T09:00:00.000000+00:00",
        "lifted_at": "",
        "written_back_at": "",
    }
    assert (no["said"], no["source"], no["words"]) == ("no", "stop by reply", "STOP")
    assert (again["said"], again["by"], again["words"]) == ("yes", "reply", "START")
    assert (stop["entry"], stop["at"]) == ("stop", "2026-11-18T09:01:00.000000+00:00")
    assert stop["lifted_at"] == "2026-11-18T09:02:00.000000+00:00"


@pytest.mark.parametrize("typed", [PHONE, "06 12 34 56 78", "0033612345678"])
def test_a_number_is_found_as_it_is_typed(database: Database, clock: SetClock, typed: str) -> None:
    shop = a_history(database, clock)
    assert proof(database, shop, typed) == proof(database, shop)


def test_the_same_rows_are_the_same_text(database: Database, clock: SetClock) -> None:
    shop = a_history(database, clock)
    first = proof(database, shop)
    clock.forward(days=300)
    assert (as_json(proof(database, shop)), as_csv(proof(database, shop))) == (
        as_json(first),
        as_csv(first),
    )
    assert first.digest == first.entries[-1]["digest"]


def test_a_later_change_of_the_text_shows(database: Database, clock: SetClock) -> None:
    text = as_json(proof(database, a_history(database, clock)))
    assert is_whole(text)
    for place in range(4):
        for name in COLUMNS:
            told = json.loads(text)
            told["entries"][place][name] += "x"
            assert not is_whole(json.dumps(told)), (place, name)
    for change in ("digest", "shop", "address"):
        assert not is_whole(json.dumps(json.loads(text) | {change: "x"})), change
    shorter = json.loads(text)
    shorter["entries"].pop()
    assert not is_whole(json.dumps(shorter))
    assert not any(is_whole(bad) for bad in ("", "[]", "{", '{"entries": 1}'))


def test_a_later_change_of_a_row_shows_by_the_digest_that_was_kept(
    database: Database, clock: SetClock
) -> None:
    shop = a_history(database, clock)
    kept = proof(database, shop).entries[2]["digest"]
    reply(database, "STOP", clock() - timedelta(minutes=1, seconds=30), "r3")
    assert is_whole(as_json(proof(database, shop)), kept)  # what was added changes nothing of it
    consents_ = tables.consents
    tampered = consents_.update().where(consents_.c.words != "STOP").values(words="Non")
    database.run(lambda db: db.execute(tampered))
    text = as_json(proof(database, shop))
    assert is_whole(text)
    assert not is_whole(text, kept)


def test_another_person_and_another_shop_are_not_in_it(database: Database, clock: SetClock) -> None:
    shop = a_history(database, clock)
    other = a_shop(database, clock(), address="sud.myshopify.com", key="sud")
    assert proof(database, other).entries == ()
    (mail,) = proof(database, shop, f" {EMAIL.upper()}").entries
    assert (mail["who"], mail["said"]) == (EMAIL, "no")
    assert proof(database, other).digest != proof(database, shop, "nobody@example.com").digest


def test_the_table_is_read_by_a_spreadsheet_and_starts_no_formula(
    database: Database, clock: SetClock
) -> None:
    shop = a_history(database, clock)
    found: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(as_csv(proof(database, shop)))))
    assert list(found[0]) == list(COLUMNS)
    assert [row["entry"] for row in found] == ["consent"] * 3 + ["stop", "end"]
    assert found[-1]["digest"] == found[-2]["digest"] == proof(database, shop).digest
    cells = [cell for row in found for cell in row.values()]
    mail = csv.reader(io.StringIO(as_csv(proof(database, shop, EMAIL))))
    cells += [cell for row in mail for cell in row]
    assert "'=HYPERLINK(1)" in cells
    assert [cell for cell in cells if cell[:1] in ("=", "+", "@")] == []


def test_the_command_prints_it(database: Database, clock: SetClock) -> None:
    shop = a_history(database, clock)
    assert consents(database, "nord", [PHONE]) == as_json(proof(database, shop))
    assert consents(database, "nord", [PHONE, "csv"]) == as_csv(proof(database, shop))
    for given in ([], [PHONE, "xml"], [PHONE, "csv", "more"]):
        with pytest.raises(NotAsked):
            consents(database, "nord", given)
    with pytest.raises(NoSuchShop):
        consents(database, "ouest", [PHONE])


def test_a_stop_by_link_is_in_it_too(database: Database, clock: SetClock) -> None:
    shop = a_history(database, clock)
    database.run(
        lambda db: stopping.stop_address(db, shop.id, Channel.EMAIL, EMAIL, "link", clock())
    )
    entries = proof(database, shop, EMAIL).entries
    assert [(each["entry"], each["by"]) for each in entries] == [
        ("consent", "plugin"),
        ("consent", "link"),
        ("stop", "link"),
    ]
