"""Our message as the SDK's: a text, an MMS with a picture, an RCS card with a button."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from vonage_messages import Sms
from vonage_messages.models import (
    BaseMessage,
    MmsImage,
    MmsResource,
    RcsCard,
    RcsCardMessage,
    RcsOptionsCard,
    RcsSuggestionActionOpenUrl,
)
from vonage_messages.models.enums import RcsCardOrientation, RcsCategory, RcsMediaHeight

from connectors.protocols import Refused
from recovery.model import Channel, Message, RichText

#: So long an RCS card is tried, in seconds: a telephone without RCS, or without internet, is
#: told as rejected after it, and the text follows while it is still of use.
RCS_TRIED = 3600
#: What comes back as an inbound message when somebody taps the card's button.
BUTTON_TAPPED = "back-to-cart"

_E164 = re.compile(r"\+[1-9]\d{6,14}")


def payload_of(message: Message) -> BaseMessage:
    """The SDK's message. Raises `Refused` for what Vonage can never take.

    Vonage wants numbers without their plus.
    https://developer.vonage.com/en/api/messages
    """
    if message.channel is not Channel.SMS:
        raise Refused("this messenger carries text messages only")
    if not _E164.fullmatch(message.recipient):
        raise Refused("the recipient is not a phone number in international form")
    common = {
        "to": message.recipient.removeprefix("+"),
        "client_ref": message.reference,
        "webhook_url": message.status_url,
    }
    try:
        return _made(message, common)
    except ValidationError as error:
        wrong = ", ".join(sorted({str(part["loc"][0]) for part in error.errors() if part["loc"]}))
    raise Refused(f"the message does not fit Vonage's form: {wrong or 'as a whole'}")


def _made(message: Message, common: Mapping[str, Any]) -> BaseMessage:
    sender = message.sender.removeprefix("+")
    if not isinstance(message, RichText):
        return Sms(from_=sender, text=message.text, **common)
    if message.kind == "mms":
        image = MmsResource(url=message.picture, caption=message.text)
        return MmsImage(from_=sender, image=image, **common)
    return RcsCardMessage(
        from_=message.agent,
        card=_card(message),
        rcs=RcsOptionsCard(
            category=RcsCategory.PROMOTION, card_orientation=RcsCardOrientation.VERTICAL
        ),
        ttl=RCS_TRIED,
        **common,
    )


def _card(message: RichText) -> RcsCard:
    button = RcsSuggestionActionOpenUrl(
        text=message.button,
        postback_data=BUTTON_TAPPED,
        url=message.link,
        description=message.button,
    )
    return RcsCard(
        title=message.title,
        text=message.text,
        media_url=message.picture,
        media_height=RcsMediaHeight.MEDIUM,
        suggestions=[button],
    )
