"""wc-auth: ask, log in, grant, post the keys to the callback, send the merchant back."""

from __future__ import annotations

import html
import secrets
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from tests.standins.woocommerce.signing import Key

COOKIE = "wordpress_logged_in"
SCOPES = ("read", "write", "read_write")
NEEDED = ("app_name", "user_id", "return_url", "callback_url", "scope")


class Authorize:
    """The pages under /wc-auth/v1/."""

    def __init__(self, keys: dict[str, Key], new_id: Callable[[], int]) -> None:
        self.keys, self.new_id = keys, new_id

    def respond(self, request: Request, page: str) -> Response:
        told = dict(request.args)
        wrong = complaint(told)
        if wrong:
            return denied(wrong)
        if page == "login" and request.method == "POST":
            answer = redirect(f"/wc-auth/v1/authorize/?{urlencode(told)}")
            answer.set_cookie(COOKIE, "admin")
            return answer
        if page == "login":
            return sheet('<form method="post" class="wc-auth-login"><button>Login</button></form>')
        if COOKIE not in request.cookies:
            return redirect(f"/wc-auth/v1/login/?{urlencode(told)}")
        if page == "access_granted":
            return self.grant(told)
        return grant_page(told)

    def grant(self, told: dict[str, str]) -> Response:
        """Make keys and post them. Any answer but 200 shows an error and deletes them."""
        key = Key(
            f"ck_{secrets.token_hex(20)}", f"cs_{secrets.token_hex(20)}", told["scope"] != "read"
        )
        self.keys[key.consumer_key] = key
        body = {
            "key_id": self.new_id(),
            "user_id": told["user_id"],
            "consumer_key": key.consumer_key,
            "consumer_secret": key.consumer_secret,
            "key_permissions": told["scope"],
        }
        if not taken(told["callback_url"], body):
            del self.keys[key.consumer_key]
            return denied(
                "An error occurred in the request and at the time were unable to send the "
                "consumer data."
            )
        return redirect(back(told, "1"))


def taken(url: str, body: dict[str, object]) -> bool:
    try:
        with requests.post(url, json=body, timeout=5, allow_redirects=False) as got:
            return got.status_code == 200
    except requests.RequestException:
        return False


def complaint(told: dict[str, str]) -> str | None:
    """What wc-auth does not accept about the request."""
    for name in NEEDED:
        if not told.get(name) or told[name] == "0":
            return f"Missing parameter {name}."
    if told["scope"] not in SCOPES:
        return f"Invalid scope {told['scope']}."
    for name in ("return_url", "callback_url"):
        if not urlsplit(told[name]).netloc:
            return f"The {told[name]} is not a valid URL."
    if urlsplit(told["callback_url"]).scheme != "https":
        return "The callback_url needs to be over SSL."
    return None


def back(told: dict[str, str], success: str) -> str:
    parts = urlsplit(told["return_url"])
    query = [*parse_qsl(parts.query), ("success", success), ("user_id", told["user_id"])]
    return parts._replace(query=urlencode(query)).geturl()


def grant_page(told: dict[str, str]) -> Response:
    approve = (
        f"/wc-auth/v1/access_granted/?{urlencode({**told, 'wc_auth_nonce': secrets.token_hex(5)})}"
    )
    return sheet(
        f"<h1>{html.escape(told['app_name'])} would like to connect to your store</h1>"
        f'<a href="{html.escape(approve)}">Approve</a>'
        f'<a href="{html.escape(back(told, "0"))}">Deny</a>'
    )


def sheet(inner: str, status: int = 200) -> Response:
    return Response(
        f"<!DOCTYPE html><html><body>{inner}</body></html>",
        status,
        content_type="text/html; charset=UTF-8",
    )


def denied(words: str) -> Response:
    return sheet(f"<h1>Access denied</h1><p>Error: {html.escape(words)}.</p>", 401)
