"""What a newcomer sees of e-mails in `make run`: the inbox beside the phone, by real processes."""

from __future__ import annotations

import re
from pathlib import Path

import requests

from connectors.sandbox.shared_secret import sandbox_secret
from recovery.states import ReminderState
from tests.house import House, Shopper, open_house
from worker import programme_settings

NUMBER, ADDRESS = "+33612340002", "camille@example.com"
TYPED = {"first_name": "Camille", "phone": "06 12 34 00 02", "email": ADDRESS}


def mails(house: House) -> list[dict[str, str]]:
    bearer = {"Authorization": f"Bearer {sandbox_secret(house.settings.secret_key)}"}
    answer = requests.get(
        f"{house.shop}/api/mails", params={"address": ADDRESS}, headers=bearer, timeout=10
    )
    found: list[dict[str, str]] = answer.json()["mails"]
    return found


def test_a_fashion_programme_can_be_watched_from_the_text_to_the_way_out(
    database_url: str, tmp_path: Path
) -> None:
    with open_house(tmp_path, database_url) as house:
        given = ["preset=fashion", "offer=percent:10", "holdout=0"]
        programme_settings.change(house.database, "sandbox", given, house.clock())
        shopper = Shopper(house.shop)
        shopper.leaves_a_cart("mug", **TYPED, sms=True, mail=True)
        house.until(lambda: house.rows("reminders"))
        # The text cannot be delivered, so that its step goes on by e-mail.
        house.time_passes(3600)
        house.until(lambda: mails(house))
        assert len(house.texts(NUMBER)) == 1
        (first,) = mails(house)
        # A day later an offer; its link brings the cart back with the code applied.
        house.time_passes(86_400)
        house.until(lambda: len(mails(house)) == 2)
        offer = mails(house)[0]
        (code,) = re.findall(r"Code (SAND-[A-Z0-9-]+)", offer["text"])
        (link,) = re.findall(r"http://\S+/r/\S+", offer["text"])
        assert code in shopper.opens(link).text and offer["at"] > first["at"]
        # One click, as a mail program makes it; what was still to come does not leave.
        left = shopper.browser.post(f"{house.shop}/mail/2/unsubscribe", timeout=10)
        assert left.ok and [each.channel for each in house.rows("suppressions")] == ["email"]
        house.time_passes(3 * 86_400)
        states = {(each.step, each.channel): each.state for each in house.rows("reminders")}
        assert states[2, "email"] == ReminderState.SENT and len(mails(house)) == 2
        shopper.goes()
