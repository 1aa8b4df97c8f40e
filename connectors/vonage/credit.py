"""How much credit a Vonage account has left: the Account API, which takes a key and a secret."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from importlib.metadata import version
from typing import Any

from pydantic import ValidationError
from requests import RequestException
from urllib3.exceptions import HTTPError
from vonage_account import Account
from vonage_http_client import Auth, HttpClient, HttpClientOptions, HttpRequestError

from connectors.protocols import Busy, NoAnswer, Refused
from recovery.model import Credit

_NOT_TAKEN = "Vonage does not accept the API key and secret of the account"


def credit(credentials: Mapping[str, str], rest_host: str | None, timeout: float) -> Credit | None:
    """What the account has left, in euros; None where no `api_key` and `api_secret` are kept.

    Asking moves nothing, so the SDK may ask again by itself. Raises `Refused` for a key that
    Vonage does not take, `Busy`, `NoAnswer`; none of them names key or secret.
    """
    key, secret = credentials.get("api_key"), credentials.get("api_secret")
    if not (key and secret):
        return None
    failure: Exception
    try:
        balance: Any = Account(_client(key, secret, rest_host, timeout)).get_balance()
        left = Decimal(str(balance.value))
        if left.is_finite():
            return Credit(left, "EUR", bool(balance.auto_reload))
        failure = NoAnswer("Vonage's answer about the credit is unreadable")
    except HttpRequestError as error:
        failure = _failure_of(error.response.status_code)
    except (RequestException, HTTPError, OSError) as error:
        failure = NoAnswer(f"Vonage did not tell the credit: {type(error).__name__}")
    except (ValidationError, TypeError, InvalidOperation, ValueError):
        failure = NoAnswer("Vonage's answer about the credit is unreadable")
    raise failure


def _client(key: str, secret: str, rest_host: str | None, timeout: float) -> HttpClient:
    hosts = {"rest_host": rest_host} if rest_host else {}
    options = HttpClientOptions(timeout=max(1, round(timeout)), max_retries=1, **hosts)
    return HttpClient(Auth(api_key=key, api_secret=secret), options, version("vonage"))


def _failure_of(status: int) -> Exception:
    if status in (401, 403):
        return Refused(_NOT_TAKEN)
    if status == 429:
        return Busy("Vonage throttles this account")
    return NoAnswer(f"Vonage answered {status}")
