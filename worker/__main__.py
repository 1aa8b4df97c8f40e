"""How the clock and the workers start, and what an operator does from the command line.

`python -m worker clock`, `work`, `migrate`, `read-again`, `rotate-keys`; `plugin-code <shop key>`;
`show <shop key>`; `set <shop key> name=value …`;
`programme <shop key> [preset=fashion | file=… | offer=percent:10 | holdout=0.1 | adaptive=yes |
on | off | json]`;
`consents <shop key> <e-mail or phone> [json|csv]`, the proof of what somebody agreed to;
`history <shop key>`: what the shop kept from before the install is read, or read again;
`go-on <shop key> [<e-mail or phone> …]`: programmes write to them again; then who is still paused.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from types import FrameType

import logs
import memory
import settings as configuration
from connectors.registry import Outside
from moment import NotMovable, clock_of, refuse_beside_real_shops
from recovery import database, rotation
from recovery.database import Database
from recovery.secrets import Keys
from settings import Settings
from worker import programme_settings
from worker.consents import NotAsked, consents
from worker.going_on import go_on
from worker.history import read_again_from_the_beginning
from worker.plugin_codes import NoSuchShop, plugin_code
from worker.seeding import seed_mail_account, seed_service_account
from worker.shop_settings import NotSettable, change, show
from worker.tools import Tools, keep_for_this_process, open_redis

_COMMANDS = ("clock", "work", "migrate", "read-again", "rotate-keys")


def open_tools(settings: Settings) -> Tools:
    """Everything a worker process needs, from its settings."""
    if not settings.redis_url:
        raise configuration.BadSettings("REDIS_URL: needed here; `make run` starts one by itself")
    return Tools(
        database=Database(settings.database_url, pool=16),
        redis=open_redis(settings.redis_url),
        outside=Outside(settings.shop_options(), settings.messenger_options()),
        keys=Keys(settings.encryption_keys),
        now=clock_of(settings.clock_file),
        public_url=settings.public_url,
    )


def migrate(settings: Settings) -> None:
    """Bring the schema to the newest version, and the settings' Vonage account into its row."""
    database.upgrade(settings.database_url)
    opened = Database(settings.database_url)
    keys = Keys(settings.encryption_keys)
    vonage = settings.vonage_credentials()
    rich = settings.vonage_rich, settings.vonage_rcs_agent
    opened.run(lambda db: seed_service_account(db, vonage, settings.vonage_from, keys, *rich))
    opened.run(lambda db: seed_mail_account(db, settings.smtp_url, settings.mail_from, keys))
    opened.close()


def run_clock(settings: Settings) -> None:
    """Tick until told to stop."""
    from worker.clock import Clock

    tools = open_tools(settings)
    refuse_beside_real_shops(settings.clock_file, settings.database_url)
    clock = Clock(tools)

    def stop(number: int, frame: FrameType | None) -> None:
        clock.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    clock.run()


def run_worker(settings: Settings) -> None:
    """Work on the queues until told to stop."""
    from worker.lanes import work

    tools = open_tools(settings)
    refuse_beside_real_shops(settings.clock_file, settings.database_url)
    keep_for_this_process(tools)
    work(tools)


def rotate_keys(settings: Settings) -> int:
    """Seal all credentials under the first of ENCRYPTION_KEYS. Needs no Redis.

    Returns 1 while something stays shut: then the older keys are still needed.
    """
    opened = Database(settings.database_url)
    done = opened.run(lambda db: rotation.rotate(db, Keys(settings.encryption_keys)))
    opened.close()
    print(f"sealed again: {done.again}; had the newest key: {done.newest}")
    for place in done.shut:
        print(f"no key opens {place}: connect it again, or give the key back", file=sys.stderr)
    return 1 if done.shut else 0


def print_plugin_code(settings: Settings, shop_key: str) -> None:
    """Print what the merchant of that shop pastes into the plugin. Needs no Redis."""
    opened = Database(settings.database_url)
    now = clock_of(settings.clock_file)()
    try:
        print(f"{settings.public_url}/pair/{plugin_code(opened, shop_key, now)}")
    finally:
        opened.close()


def begin_history(settings: Settings, shop_key: str) -> None:
    """Have the past of that shop read, from its beginning. Needs no Redis."""
    opened = Database(settings.database_url)
    now = clock_of(settings.clock_file)()
    try:
        print(read_again_from_the_beginning(opened, shop_key, now))
    finally:
        opened.close()


def print_shop_settings(settings: Settings, shop_key: str, given: list[str] | None = None) -> None:
    """Print the settings of that shop, after those `given` were set. Needs no Redis."""
    opened = Database(settings.database_url)
    now = clock_of(settings.clock_file)()
    try:
        lines = show(opened, shop_key) if given is None else change(opened, shop_key, given, now)
        print("\n".join(lines))
    finally:
        opened.close()


def print_programme(settings: Settings, shop_key: str, given: list[str]) -> None:
    """Print the programme of that shop, after what was `given` was done. Needs no Redis."""
    opened = Database(settings.database_url)
    now = clock_of(settings.clock_file)()
    try:
        print("\n".join(programme_settings.change(opened, shop_key, given, now)))
    finally:
        opened.close()


def print_consents(settings: Settings, shop_key: str, given: list[str]) -> None:
    """Print the proof of what somebody agreed to at that shop. Needs no Redis."""
    opened = Database(settings.database_url)
    try:
        sys.stdout.write(consents(opened, shop_key, given))
    finally:
        opened.close()


def print_paused(settings: Settings, shop_key: str, given: list[str]) -> None:
    """Print who is paused at that shop, after it went on with those `given`. Needs no Redis."""
    opened = Database(settings.database_url)
    now = clock_of(settings.clock_file)()
    try:
        print("\n".join(go_on(opened, shop_key, given, now)))
    finally:
        opened.close()


_WITHOUT_VALUES: dict[str, Callable[[Settings, str], None]] = {
    "plugin-code": print_plugin_code,
    "show": print_shop_settings,
    "history": begin_history,
}
_WITH_VALUES: dict[str, Callable[[Settings, str, list[str]], None]] = {
    "set": print_shop_settings,
    "programme": print_programme,
    "consents": print_consents,
    "go-on": print_paused,
}
_OF_A_SHOP = (*_WITHOUT_VALUES, *_WITH_VALUES)


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m worker",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=[*_COMMANDS, *_OF_A_SHOP])
    parser.add_argument("shop", nargs="?", help="the shop's key")
    parser.add_argument("values", nargs="*", metavar="name=value", help="for the last four")
    given = parser.parse_args()
    if (given.command in _OF_A_SHOP) != (given.shop is not None):
        parser.error(f"{', '.join(_OF_A_SHOP)} want a shop's key, and nothing else does")
    if given.values and given.command not in _WITH_VALUES:
        parser.error(f"only {', '.join(_WITH_VALUES)} want values")
    return given


_TOLD = (configuration.BadSettings, NotMovable, NoSuchShop, NotSettable, NotAsked, database.InUse)


def main() -> int:
    """Read the command and do it; settings that cannot be used are told in words."""
    given = _given()
    command = given.command
    logs.begin()
    memory.share_arenas()
    try:
        settings = configuration.load()
        if command == "migrate":
            migrate(settings)
        elif command == "rotate-keys":
            return rotate_keys(settings)
        elif command == "clock":
            run_clock(settings)
        elif command == "work":
            run_worker(settings)
        elif command in _WITHOUT_VALUES:
            _WITHOUT_VALUES[command](settings, given.shop)
        elif command in _WITH_VALUES:
            _WITH_VALUES[command](settings, given.shop, given.values)
        else:
            from worker.reading_again import read_again

            print(read_again(open_tools(settings)))
    except _TOLD as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
