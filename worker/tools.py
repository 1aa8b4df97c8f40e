"""What a worker process holds open: the database, Redis, the way outside, the time."""

from __future__ import annotations

from dataclasses import dataclass, field

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from connectors.protocols import Messenger
from connectors.registry import Outside
from moment import Now
from recovery import accounts
from recovery.accounts import AccountRow
from recovery.database import Database
from recovery.secrets import Keys
from recovery.shops import ShopRow


@dataclass
class Tools:
    """Opened once per process and handed to whatever works in it."""

    database: Database
    redis: Redis
    outside: Outside
    keys: Keys
    now: Now
    public_url: str
    _messengers: dict[tuple[int, str], Messenger] = field(default_factory=dict)

    def hooks_of(self, shop: ShopRow) -> str:
        """Where a shop's webhooks go."""
        return shop.hooks_at(self.public_url)

    def messenger(self, account: AccountRow) -> Messenger:
        """The messenger of an account; kept open, so that its connections stay warm."""
        key = (account.id, account.credentials)
        if key not in self._messengers:
            credentials = accounts.credentials_of(self.keys, account)
            self._messengers[key] = self.outside.messenger(
                account.messenger, account.name, credentials.get("address", ""), credentials
            )
        return self._messengers[key]


def open_redis(url: str) -> Redis:
    """A connection pool to Redis or Valkey; short time-outs, a few quick tries."""
    return Redis.from_url(
        url,
        socket_timeout=None,  # a worker's blocking read sets its own
        socket_connect_timeout=2,
        health_check_interval=15,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), 3),
    )


_process: list[Tools] = []


def keep_for_this_process(tools: Tools) -> None:
    """Jobs are called by name and get only ids: this is where they find their tools."""
    _process[:] = [tools]


def of_this_process() -> Tools:
    """The tools kept when this process started."""
    return _process[0]
