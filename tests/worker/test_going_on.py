"""The command that lets programmes write again to somebody who wrote to the shop."""

from __future__ import annotations

import pytest

from recovery.database import Database
from tests.conftest import SetClock
from tests.recovery.stories import EMAIL, PHONE
from tests.recovery.survey_stories import asked_why, reply, resting
from worker.consents import NotAsked
from worker.going_on import go_on
from worker.plugin_codes import NoSuchShop


def wrote(database: Database, clock: SetClock) -> None:
    """Two people wrote something for a person; one of them left an e-mail, too."""
    asked_why(database, clock, key="nord")
    reply(database, "merci", clock.forward(minutes=5))
    reply(database, "ok", clock.forward(minutes=5), phone="+33612345699")


@pytest.mark.parametrize("typed", [PHONE, "06 12 34 56 78", f" {EMAIL.upper()} "])
def test_the_merchant_goes_on_with_one_person_by_any_of_their_addresses(
    database: Database, clock: SetClock, typed: str
) -> None:
    wrote(database, clock)
    shown = go_on(database, "nord", [typed], clock())
    assert shown == ["+33612345699: until 2026-12-02 10:41 UTC"]
    assert resting(database) == {"+33612345699"}


def test_without_an_address_it_tells_who_is_paused_and_changes_nothing(
    database: Database, clock: SetClock
) -> None:
    wrote(database, clock)
    shown = go_on(database, "nord", [], clock())
    assert sorted(line.partition(":")[0] for line in shown) == sorted(resting(database))
    assert go_on(database, "nord", [EMAIL, "+33612345699"], clock()) == ["Nobody is paused."]


def test_of_several_addresses_one_that_is_not_paused_lifts_none(
    database: Database, clock: SetClock
) -> None:
    wrote(database, clock)
    before = resting(database)
    with pytest.raises(NotAsked, match="bob"):
        go_on(database, "nord", [PHONE, "bob@example.com"], clock())
    assert resting(database) == before
    with pytest.raises(NoSuchShop):
        go_on(database, "sud", [], clock())
