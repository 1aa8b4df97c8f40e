"""The bodies of the answers: a message id, or a problem in Vonage's form."""

from __future__ import annotations

import json
import uuid
from typing import Any

from tests.standins.vonage.weather import Answer

PROBLEMS = {
    401: ("Unauthorized", "You did not provide correct credentials."),
    402: ("Low balance", "This request could not be performed due to your account balance."),
    403: ("Forbidden", "Your account does not have permission to perform this action."),
    404: ("Not found", "No such resource."),
    422: ("Invalid params", "The value of one or more parameters is invalid: {to}"),
    429: ("Rate Limit Hit", "Please wait, then retry your request"),
    502: ("Bad gateway", ""),
    503: ("Service unavailable", ""),
}


def usual_body(answer: Answer, message: dict[str, Any], message_uuid: str | None) -> bytes:
    """What Vonage says with this status."""
    if answer.status == 202:
        return b'{"message_uuid":"%s"}' % (message_uuid or "").encode()
    title, detail = PROBLEMS.get(answer.status, ("", ""))
    return json.dumps(
        {
            "type": f"https://developer.vonage.com/api-errors#{answer.status}",
            "title": title,
            "detail": detail.format(to=message.get("to")),
            "instance": str(uuid.uuid4()),
        }
    ).encode()
