"""MMS and RCS cards through Vonage: what goes out, and what a no means."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.protocols import AccountStopped, Busy, NoAnswer, Refused
from connectors.vonage.payloads import BUTTON_TAPPED, payload_of
from recovery.email_words import WORDS
from recovery.model import Channel, RichText
from tests.connectors.messenger_contract import MESSAGE, OURS, SHOPPER, chain, says_nothing_personal
from tests.connectors.vonage_account import (
    messenger_of,
    running_vonage,  # noqa: F401
    trusted_vonage,  # noqa: F401
)
from tests.standins.vonage import StandInVonage

LINK = "https://r.example/r/abcdefghijklmnop"
PICTURE = "https://cdn.example/robe.jpg"
CARD = RichText(
    reference="17-rcs",
    channel=Channel.SMS,
    sender=OURS,
    recipient=SHOPPER,
    text=f"Atelier: your cart waits, {LINK} STOP",
    kind="rcs",
    agent="Atelier-RCS",
    picture=PICTURE,
    title="Atelier",
    button="Retrouver mon panier",
    link=LINK,
)
MMS = replace(CARD, reference="17-mms", kind="mms", recipient="+12125550123", sender="+12015550123")


def body_of(message: RichText) -> dict[str, Any]:
    made = payload_of(message).model_dump(by_alias=True, exclude_none=True, mode="json")
    assert isinstance(made, dict)
    return made


def test_an_mms_is_the_picture_with_the_text_as_its_caption() -> None:
    assert body_of(MMS) == {
        "to": "12125550123",
        "from": "12015550123",
        "channel": "mms",
        "message_type": "image",
        "image": {"url": PICTURE, "caption": MMS.text},
        "client_ref": "17-mms",
    }


def test_a_card_has_the_picture_the_text_and_a_button_that_leads_back() -> None:
    button = {
        "type": "open_url",
        "text": "Retrouver mon panier",
        "description": "Retrouver mon panier",
        "url": LINK,
        "postback_data": BUTTON_TAPPED,
    }
    assert body_of(CARD) == {
        "to": SHOPPER[1:],
        "from": "Atelier-RCS",
        "channel": "rcs",
        "message_type": "card",
        "card": {
            "title": "Atelier",
            "text": CARD.text,
            "media_url": PICTURE,
            "media_height": "MEDIUM",
            "suggestions": [button],
        },
        "rcs": {"category": "promotion", "card_orientation": "VERTICAL"},
        "ttl": 3600,
        "client_ref": "17-rcs",
    }


@pytest.mark.parametrize("language", sorted(WORDS))
def test_our_words_fit_the_button_in_every_language(language: str) -> None:
    button = WORDS[language].button
    assert body_of(replace(CARD, button=button))["card"]["suggestions"][0]["text"] == button


@pytest.mark.parametrize("message", [MMS, CARD], ids=["mms", "rcs"])
def test_vonage_takes_it_in_one_request(vonage: StandInVonage, message: RichText) -> None:
    provider_id = messenger_of(vonage).send(message)
    (entry,) = vonage.record
    assert (entry.accepted, entry.message_uuid) == (True, provider_id)
    assert (entry.channel, entry.text, entry.picture) == (message.kind, message.text, PICTURE)
    assert (entry.button or {}).get("url") == (LINK if message.kind == "rcs" else None)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("refuse", Refused),
        ("forbidden", Refused),  # whether the account may send at all shows with the text
        ("not_found", Refused),
        ("throttle", Busy),
        ("unauthorised", AccountStopped),
        ("no_credit", AccountStopped),
        ("error_after", NoAnswer),
        ("error_before", NoAnswer),
        ("drop_after", NoAnswer),
        ("drop_before", NoAnswer),
        ("reset_after", NoAnswer),
        ("no_id", NoAnswer),
    ],
)
def test_only_a_plain_no_is_a_refusal(
    vonage: StandInVonage, answer: str, error: type[Exception]
) -> None:
    vonage.change(script=[answer])
    with pytest.raises(error) as failure:
        messenger_of(vonage).send(CARD)
    assert type(failure.value) is error
    assert len(vonage.record) == 1
    assert all(says_nothing_personal(str(each)) for each in chain(failure.value))


@pytest.mark.parametrize("answer", ["forbidden", "not_found"])
def test_of_a_plain_text_the_same_answer_stops_the_account(
    vonage: StandInVonage, answer: str
) -> None:
    vonage.change(script=[answer])
    with pytest.raises(AccountStopped):
        messenger_of(vonage).send(MESSAGE)


@pytest.mark.parametrize(
    "unsendable",
    [
        {"title": ""},
        {"title": "x" * 201},
        {"text": "x" * 2001},
        {"button": "x" * 26},
        {"agent": ""},
        {"agent": "no such agent"},
        {"recipient": "0639980017"},
        {"channel": Channel.EMAIL},
    ],
)
def test_a_card_that_vonage_can_never_take_is_refused_before_it_is_written(
    vonage: StandInVonage, unsendable: dict[str, Any]
) -> None:
    with pytest.raises(Refused) as failure:
        messenger_of(vonage).send(replace(CARD, **unsendable))
    assert all(says_nothing_personal(str(each)) for each in chain(failure.value))
    assert vonage.record == []


def test_an_account_that_lacks_a_channel_is_told_so(vonage: StandInVonage) -> None:
    vonage.change(refused=["rcs"])
    messenger = messenger_of(vonage)
    with pytest.raises(Refused):
        messenger.send(CARD)
    messenger.send(CARD.plain())
    taken = [(entry.channel, entry.client_ref) for entry in vonage.accepted()]
    assert taken == [("sms", "17")]


def test_an_mms_to_europe_is_refused(vonage: StandInVonage) -> None:
    with pytest.raises(Refused):
        messenger_of(vonage).send(replace(MMS, recipient=SHOPPER))
