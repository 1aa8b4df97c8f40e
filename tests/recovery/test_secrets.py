"""What is kept encrypted opens only where it belongs, with a key that we hold."""

from __future__ import annotations

import pytest

from recovery import accounts, shops, tables
from recovery.database import Database
from recovery.secrets import Keys, Sealed
from tests.conftest import SetClock
from tests.recovery.stories import a_shop, rows

OLD, NEW = "the key of last year", "the key of this year"
PLACE = "shops.credentials.k1"


def test_a_secret_opens_where_it_was_sealed() -> None:
    keys = Keys([NEW])
    sealed = keys.seal("shpat_… é", PLACE)
    assert "shpat" not in sealed
    assert keys.open(sealed, PLACE) == "shpat_… é"


def test_a_secret_moved_to_another_shop_or_column_does_not_open() -> None:
    keys = Keys([NEW])
    sealed = keys.seal("secret", PLACE)
    for place in ("shops.credentials.k2", "accounts.credentials.k1", ""):
        with pytest.raises(Sealed):
            keys.open(sealed, place)


def test_old_keys_still_open_and_the_newest_seals() -> None:
    old = Keys([OLD]).seal("secret", PLACE)
    both = Keys([NEW, OLD])
    assert both.open(old, PLACE) == "secret"
    assert Keys([NEW]).open(both.seal("secret", PLACE), PLACE) == "secret"
    with pytest.raises(Sealed):
        Keys([NEW]).open(old, PLACE)


def test_the_same_secret_twice_looks_different() -> None:
    keys = Keys([NEW])
    assert keys.seal("secret", PLACE) != keys.seal("secret", PLACE)


@pytest.mark.parametrize("texts", [[], ["short"], [NEW, "short"]])
def test_weak_keys_are_refused(texts: list[str]) -> None:
    with pytest.raises(ValueError, match="16 characters"):
        Keys(texts)


def test_credentials_of_shops_and_accounts_are_not_in_the_database_as_they_are(
    database: Database, clock: SetClock
) -> None:
    keys = Keys([NEW])
    shop = a_shop(database, clock())
    with database.transaction() as db:
        shops.keep_credentials(db, keys, shop, {"token": "shpat_secret"})
        accounts.keep(db, keys, "own", "vonage", "+33700000009", {"private_key": "hidden"})
    held = str(rows(database, tables.shops)) + str(rows(database, tables.accounts))
    assert "shpat_secret" not in held
    assert "hidden" not in held
    with database.reading() as db:
        found, account = shops.by_id(db, shop.id), accounts.by_name(db, "own")
    assert shops.credentials_of(keys, found) == {"token": "shpat_secret"}
    assert accounts.credentials_of(keys, account) == {"private_key": "hidden"}
    assert shops.credentials_of(keys, shop) == {}
