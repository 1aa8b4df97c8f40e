"""What a message must look like, by its channel: a text, an MMS image, an RCS card.

Limits: https://developer.vonage.com/en/api/messages and
https://developer.vonage.com/en/messages/guides/rcs/send-rich-card-carousel
"""

from __future__ import annotations

from typing import Any

LONGEST = {"sms": 1000 * 3, "mms": 3000, "card": 2000, "title": 200, "button": 25}
MOST_BUTTONS = 4


def text_of(message: dict[str, Any]) -> str | None:
    """The words that the shopper reads."""
    match message.get("channel"):
        case "mms":
            return _part(message, "image").get("caption")
        case "rcs":
            return _part(message, "card").get("text")
        case _:
            return message.get("text")


def picture_of(message: dict[str, Any]) -> str | None:
    """The picture's address; None: there is none."""
    return _part(message, "image").get("url") or _part(message, "card").get("media_url")


def button_of(message: dict[str, Any]) -> dict[str, Any] | None:
    """The card's first suggestion."""
    buttons = _part(message, "card").get("suggestions") or []
    return buttons[0] if buttons else None


def is_well_formed(message: dict[str, Any]) -> bool:
    """Whether Vonage takes a message of this form, whomever it is for."""
    if not str(message.get("to", "")).isdigit() or "failover" in message:
        return False
    match message.get("channel"), message.get("message_type"):
        case "sms", "text":
            return isinstance(message.get("text"), str)
        case "mms", "image":
            return _is_mms(message)
        case "rcs", "card":
            return _is_card(message)
    return False


def _is_mms(message: dict[str, Any]) -> bool:
    words = text_of(message)
    fits = isinstance(words, str) and 0 < len(words) <= LONGEST["mms"]
    # The United States and Canada alone.
    return fits and _is_address(picture_of(message)) and str(message["to"]).startswith("1")


def _is_card(message: dict[str, Any]) -> bool:
    card, options = _part(message, "card"), _part(message, "rcs")
    words = [(card.get(name), LONGEST[most]) for name, most in (("title",) * 2, ("text", "card"))]
    buttons = card.get("suggestions") or []
    return (
        all(isinstance(each, str) and 0 < len(each) <= most for each, most in words)
        and _is_address(card.get("media_url"))
        and (options.get("card_orientation") != "VERTICAL" or "media_height" in card)
        and 20 <= message.get("ttl", 20) <= 259_200
        and len(buttons) <= MOST_BUTTONS
        and all(_is_button(each) for each in buttons)
    )


def _is_button(button: dict[str, Any]) -> bool:
    return (
        button.get("type") == "open_url"
        and 0 < len(button.get("text", "")) <= LONGEST["button"]
        and _is_address(button.get("url"))
        and bool(button.get("postback_data") and button.get("description"))
    )


def _is_address(url: object) -> bool:
    return isinstance(url, str) and url.startswith(("https://", "http://"))


def _part(message: dict[str, Any], name: str) -> dict[str, Any]:
    found = message.get(name)
    return found if isinstance(found, dict) else {}
