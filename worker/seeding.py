"""What must be in the database before anything starts: sender accounts, the sandbox."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, update

from connectors.sandbox.shared_secret import sandbox_secret
from moment import Now
from recovery import accounts, shops, tables
from recovery.database import Database
from recovery.model import Channel
from recovery.secrets import Keys

SERVICE = "service"
MAIL = "mail"
SANDBOX = "sandbox"
SANDBOX_MAIL = "sandbox e-mails"
_MAILS_A_SECOND = 10.0  # what a modest mail server takes without a word
_SANDBOX_NUMBER = "+33700000000"
_SANDBOX_MAIL = "shop@sandbox.example"
#: What a merchant would set, and may change.
_AT_FIRST = {
    "merchant_email": "merchant@sandbox.example",
    "postal_address": "1 Example Street\n75000 Paris",
    "colour": "#1f6f5c",
}


def seed_service_account(
    db: Connection,
    credentials: Mapping[str, str] | None,
    sender: str,
    keys: Keys,
    rich: str = "",
    rcs_agent: str = "",
) -> None:
    """The service's own Vonage account, for every shop that has none; None: there is none."""
    if credentials is None:
        return
    account = accounts.keep(
        db, keys, SERVICE, "vonage", sender, credentials, rich=rich, rcs_agent=rcs_agent
    )
    lonely = tables.shops.c.account_id.is_(None)
    db.execute(update(tables.shops).where(lonely).values(account_id=account.id))


def seed_mail_account(db: Connection, smtp_url: str, sender: str, keys: Keys) -> None:
    """The service's own mail server, for every shop that has none; no URL: there is none."""
    if not smtp_url:
        return
    account = accounts.keep(
        db, keys, MAIL, "smtp", sender, {}, rate=_MAILS_A_SECOND, channel=Channel.EMAIL
    )
    lonely = tables.shops.c.email_account_id.is_(None)
    db.execute(update(tables.shops).where(lonely).values(email_account_id=account.id))


def seed_sandbox(database: Database, port: int, secret_key: str, keys: Keys, now: Now) -> None:
    """The sandbox shop, phone and inbox at `port`: seconds instead of minutes, and at any hour."""
    address = f"http://127.0.0.1:{port}"
    secret = sandbox_secret(secret_key)

    def work(db: Connection) -> None:
        credentials = {"secret": secret, "address": address}
        account = accounts.keep(db, keys, SANDBOX, SANDBOX, _SANDBOX_NUMBER, credentials)
        inbox = accounts.keep(
            db, keys, SANDBOX_MAIL, SANDBOX, _SANDBOX_MAIL, credentials, channel=Channel.EMAIL
        )
        former = shops.by_key(db, SANDBOX)
        if former is not None and former.address != address:
            moved = update(tables.shops).where(tables.shops.c.id == former.id)
            db.execute(moved.values(address=address))
        shop = shops.add(
            db,
            SANDBOX,
            address,
            now(),
            key=SANDBOX,
            name="Sandbox shop",
            currency="EUR",
            country="FR",
            timezone="Europe/Paris",
            locale="en",
            account_id=account.id,
            email_account_id=inbox.id,
            idle_seconds=5,
            delay_seconds=3,
            cap_seconds=0,
            poll_seconds=20,
            any_hour=True,
            **({} if former else _AT_FIRST),
        )
        shops.keep_credentials(db, keys, shop, {"secret": secret})

    database.run(work)
