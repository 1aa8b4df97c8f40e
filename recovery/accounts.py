"""Sender accounts: their credentials, their limit, and whether they work."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from recovery import notices, tables
from recovery.model import Channel
from recovery.secrets import Keys

_ACCOUNTS = tables.accounts
#: A stopped account is tried again with one batch so often: the merchant may have mended it.
TRY_AGAIN = timedelta(minutes=15)
JITTER_ROOM = 1.02
#: So long after its last claim a worker counts as looking after an account.
SERVED = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One row of `accounts`. `rate` is messages a second."""

    id: int
    name: str
    messenger: str
    channel: str  # of what it sends: "sms", "email"
    sender: str
    mail_from: str | None
    credentials: str
    application_id: str | None
    rate: float
    stopped_at: datetime | None
    try_again_at: datetime | None
    rich: str = ""  # which richer forms of a text it has: see `rich_kinds`
    rcs_agent: str | None = None

    def may_send(self, now: datetime) -> bool:
        """False while the account is stopped and it is not yet time for another try."""
        if self.stopped_at is None:
            return True
        return self.try_again_at is not None and self.try_again_at <= now


_COLUMNS = [_ACCOUNTS.c[name] for name in AccountRow.__slots__]


def by_id(db: Connection, account_id: int) -> AccountRow | None:
    """The account with that row id, or None."""
    row = db.execute(select(*_COLUMNS).where(_ACCOUNTS.c.id == account_id)).first()
    return None if row is None else AccountRow(**row._mapping)


def sender_of(db: Connection, account_id: int | None) -> str | None:
    """From whom the messages of that account come; None: it has no account, or no sender yet."""
    account = None if account_id is None else by_id(db, account_id)
    return (account.sender or None) if account is not None else None


def by_application(db: Connection, messenger: str, application_id: str) -> AccountRow | None:
    """The account of a messenger with that application, or None."""
    where = (_ACCOUNTS.c.messenger == messenger, _ACCOUNTS.c.application_id == application_id)
    row = db.execute(select(*_COLUMNS).where(*where).limit(1)).first()
    return None if row is None else AccountRow(**row._mapping)


def by_name(db: Connection, name: str) -> AccountRow | None:
    """The account with that name, or None."""
    row = db.execute(select(*_COLUMNS).where(_ACCOUNTS.c.name == name)).first()
    return None if row is None else AccountRow(**row._mapping)


def keep(
    db: Connection,
    keys: Keys,
    name: str,
    messenger: str,
    sender: str,
    credentials: Mapping[str, str],
    rate: float = 30.0,
    channel: Channel = Channel.SMS,
    rich: str = "",
    rcs_agent: str = "",
) -> AccountRow:
    """Add the account of that name, or bring it up to date. Its credentials are encrypted.

    `rich` and `rcs_agent` as `rich_kinds.check_agent` takes them.
    """
    values = {
        "messenger": messenger,
        "channel": channel.value,
        "sender": sender[:40],
        "mail_from": sender if channel is Channel.EMAIL else None,
        "credentials": keys.seal(json.dumps(dict(credentials)), f"accounts.credentials.{name}"),
        "application_id": credentials.get("application_id"),
        "rate": rate,
        "rich": rich,
        "rcs_agent": rcs_agent or None,
    }
    if by_name(db, name) is None:
        db.execute(_ACCOUNTS.insert().values(name=name, **values))
    else:
        db.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.name == name).values(**values))
    found = by_name(db, name)
    assert found is not None  # noqa: S101 - written a line above
    return found


def credentials_of(keys: Keys, account: AccountRow) -> dict[str, str]:
    """The decrypted credentials. Raises `recovery.secrets.Sealed`."""
    opened: dict[str, str] = json.loads(
        keys.open(account.credentials, f"accounts.credentials.{account.name}")
    )
    return opened


def interval(account: AccountRow) -> float:
    """Seconds between two sends of an account: its rate, less what network jitter needs.

    A provider counts arrivals in a moving second. At exactly its rate, one message
    that travels a little faster than the one before would be the one too many.
    """
    return (1 / account.rate) * JITTER_ROOM


def lease_slots(db: Connection, account: AccountRow, count: int, now: datetime) -> datetime:
    """Reserve the account's next `count` sending times; give the first one.

    They follow each other by 1/rate seconds and never overlap those of another
    worker: the row is changed before the transaction ends, so the second waits.
    A worker that dies loses its slots, which costs count/rate seconds and no message.
    """
    # Locks the row on PostgreSQL; SQLite has one writer anyway.
    free = db.execute(
        update(_ACCOUNTS)
        .where(_ACCOUNTS.c.id == account.id)
        .values(rate=_ACCOUNTS.c.rate)
        .returning(_ACCOUNTS.c.slots_until)
    ).scalar_one()
    start: datetime = max(now, free) if free else now
    until = start + timedelta(seconds=count * interval(account))
    db.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == account.id).values(slots_until=until))
    return start


def serve(db: Connection, account_id: int, now: datetime) -> None:
    """A worker looks after this account's due reminders: for a while the clock need not."""
    served = {"served_until": now + SERVED}
    db.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == account_id).values(**served))


def leave(db: Connection, account_id: int) -> None:
    """The worker no longer looks after this account: the clock hands out again."""
    db.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == account_id).values(served_until=None))


def stop(db: Connection, account_id: int, reason: str, now: datetime) -> None:
    """No more sends by this account until it is mended; its reminders are kept.

    The merchant is told once, however many sends fail for it.
    """
    stopped = {"stopped_at": now, "stopped_reason": reason, "try_again_at": now + TRY_AGAIN}
    db.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == account_id).values(**stopped))
    notices.tell(db, f"account.{account_id}.stopped", reason, now)


def works_again(db: Connection, account_id: int, now: datetime) -> None:
    """A message was accepted: whatever stopped the account is over."""
    stopped = (_ACCOUNTS.c.id == account_id, _ACCOUNTS.c.stopped_at.is_not(None))
    working = {"stopped_at": None, "stopped_reason": None, "try_again_at": None}
    if db.execute(update(_ACCOUNTS).where(*stopped).values(**working)).rowcount:
        notices.settle(db, f"account.{account_id}.stopped", now)
