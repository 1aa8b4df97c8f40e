"""Settings: the only reader of the environment. Imported only where a process starts.

Every name is explained in README.md and `.env.example`. A file `.env` beside this one
is read too; what the environment says wins over it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from recovery import rich_kinds

HERE = Path(__file__).parent
PLATFORM_OPTIONS = ("api_key", "api_secret", "api_secret_previous", "api_version", "scopes")


class BadSettings(Exception):
    """Something in the environment cannot be used; the message lists all of it."""


@dataclass(frozen=True)
class Settings:
    """All settings of one process, checked. Field names are those of the environment."""

    database_url: str
    redis_url: str
    public_url: str
    secret_key: str
    encryption_keys: tuple[str, ...]
    host: str
    port: int
    web_concurrency: int
    trusted_proxies: int
    shopify_api_key: str
    shopify_api_secret: str
    shopify_api_secret_previous: str
    shopify_api_version: str
    shopify_scopes: str
    shopify_host_override: str
    vonage_application_id: str
    vonage_private_key: str
    vonage_signature_secret: str
    vonage_from: str
    vonage_api_host: str
    vonage_rest_host: str
    vonage_api_key: str
    vonage_api_secret: str
    vonage_rich: str
    vonage_rcs_agent: str
    smtp_url: str
    mail_from: str
    sandbox_port: int
    clock_file: str
    allow_private_shops: bool

    def shop_options(self) -> dict[str, dict[str, str]]:
        """What connectors of each shop platform need besides a shop's own row."""
        shopify = {name: getattr(self, f"shopify_{name}") for name in PLATFORM_OPTIONS}
        shopify["host_override"] = self.shopify_host_override
        hooks = f"{self.public_url}/hooks"
        return {
            "shopify": shopify | {"hooks_url": f"{hooks}/shopify"},
            "woocommerce": {
                "hooks_url": f"{hooks}/woocommerce",
                "allow_private": "1" if self.allow_private_shops else "",
            },
            "sandbox": {"hooks_url": f"{hooks}/sandbox"},
        }

    def messenger_options(self) -> dict[str, dict[str, str]]:
        """What messengers need besides an account's own row."""
        return {
            "vonage": {"api_host": self.vonage_api_host, "rest_host": self.vonage_rest_host},
            "smtp": {"url": self.smtp_url},
            "sandbox": {},
        }

    def vonage_credentials(self) -> dict[str, str] | None:
        """The service's own Vonage account; None while it is not set."""
        if not self.vonage_application_id:
            return None
        return {
            "application_id": self.vonage_application_id,
            "private_key": self.vonage_private_key,
            "signature_secret": self.vonage_signature_secret,
            "api_key": self.vonage_api_key,
            "api_secret": self.vonage_api_secret,
        }


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read and check the environment. Raises `BadSettings` with all errors at once."""
    given = _with_file(environment if environment is not None else os.environ)
    errors: list[str] = []
    port = _number(given, "PORT", 8000, errors)
    database_url = given.get("DATABASE_URL") or f"sqlite:///{HERE / 'var' / 'relance.sqlite'}"
    secret = _secret(given, "SECRET_KEY", database_url, errors)
    keys = _secret(given, "ENCRYPTION_KEYS", database_url, errors)
    settings = Settings(
        database_url=database_url,
        redis_url=given.get("REDIS_URL", ""),
        public_url=_address(given, "PUBLIC_URL", f"http://127.0.0.1:{port}", errors),
        secret_key=secret,
        encryption_keys=tuple(key for key in keys.replace(",", " ").split() if key),
        host=given.get("HOST") or "127.0.0.1",
        port=port,
        web_concurrency=_number(given, "WEB_CONCURRENCY", 1, errors),
        trusted_proxies=_number(given, "TRUSTED_PROXIES", 0, errors),
        shopify_api_version=given.get("SHOPIFY_API_VERSION") or "2026-07",
        shopify_scopes=given.get("SHOPIFY_SCOPES")
        or "read_orders,read_customers,write_customers,read_products,write_discounts,"
        "read_fulfillments",
        sandbox_port=_number(given, "SANDBOX_PORT", port + 1, errors),
        vonage_private_key=_private_key(given, errors),
        allow_private_shops=given.get("ALLOW_PRIVATE_SHOPS") == "1",
        **{name: given.get(name.upper(), "") for name in _PLAIN},
    )
    errors += _what_belongs_together(settings) + _rich(settings)
    if errors:
        raise BadSettings("These settings cannot be used:\n  " + "\n  ".join(errors))
    return settings


_PLAIN = (
    "shopify_api_key",
    "shopify_api_secret",
    "shopify_api_secret_previous",
    "shopify_host_override",
    "vonage_application_id",
    "vonage_signature_secret",
    "vonage_from",
    "vonage_api_host",
    "vonage_rest_host",
    "vonage_api_key",
    "vonage_api_secret",
    "vonage_rich",
    "vonage_rcs_agent",
    "smtp_url",
    "mail_from",
    "clock_file",
)


def names() -> list[str]:
    """The names of all settings, as the environment spells them."""
    return [field.name.upper() for field in fields(Settings)]


def _with_file(environment: Mapping[str, str]) -> dict[str, str]:
    return _read_file(HERE / ".env") | dict(environment)


def _read_file(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, value in pairs}


def _number(given: Mapping[str, str], name: str, default: int, errors: list[str]) -> int:
    text = given.get(name) or str(default)
    if text.isdecimal() and int(text) < 65536:
        return int(text)
    errors.append(f"{name}: a whole number from 0 to 65535 is needed")
    return default


def _address(given: Mapping[str, str], name: str, default: str, errors: list[str]) -> str:
    text = (given.get(name) or default).rstrip("/")
    if not text.startswith(("http://", "https://")):
        errors.append(f"{name}: an address that begins with https:// (or http://) is needed")
    return text


def _secret(given: Mapping[str, str], name: str, database_url: str, errors: list[str]) -> str:
    """A secret from the environment; on one machine with SQLite, one kept in `var/`."""
    if given.get(name):
        if len(given[name]) < 16:
            errors.append(f"{name}: at least 16 characters are needed")
        return given[name]
    if not database_url.startswith("sqlite"):
        errors.append(f"{name}: needed with PostgreSQL; every machine gets the same one")
        return ""
    return _kept_secret(HERE / "var" / name.lower())


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(32))
    except FileExistsError:
        pass
    return path.read_text()


def _private_key(given: Mapping[str, str], errors: list[str]) -> str:
    """The Vonage key: its text, or the path of the file that holds it."""
    text = given.get("VONAGE_PRIVATE_KEY", "")
    if not text or "BEGIN" in text:
        return text.replace("\\n", "\n")
    try:
        return Path(text).read_text()
    except OSError:
        errors.append("VONAGE_PRIVATE_KEY: neither a key nor the path of a file with one")
        return ""


def _rich(settings: Settings) -> list[str]:
    try:
        rich_kinds.check_agent(settings.vonage_rich, settings.vonage_rcs_agent)
    except ValueError as error:
        return [f"VONAGE_RICH, VONAGE_RCS_AGENT: {error}"]
    return []


def _what_belongs_together(settings: Settings) -> list[str]:
    groups = (
        ("SHOPIFY_API_KEY", "SHOPIFY_API_SECRET"),
        (
            "VONAGE_APPLICATION_ID",
            "VONAGE_PRIVATE_KEY",
            "VONAGE_SIGNATURE_SECRET",
            "VONAGE_FROM",
        ),
        ("SMTP_URL", "MAIL_FROM"),
    )
    errors = []
    for group in groups:
        missing = [name for name in group if not getattr(settings, name.lower())]
        if missing and len(missing) < len(group):
            errors.append(f"{', '.join(missing)}: needed together with the others of its kind")
    return errors
