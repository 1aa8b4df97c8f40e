"""An installed shop: its folder, its database, and a copy kept so that the next one is quick."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.standins.wordpress import needs

HERE = Path(__file__).resolve().parent
PHP = (
    "php", "-d", "opcache.enable_cli=1", "-d", "memory_limit=256M", "-d", "display_errors=0",
    "-d", "variables_order=EGPCS",
)  # fmt: skip
_OLD = 3600.0  # seconds
_ELSEWHERE = "http://127.0.0.1:9"  # a template's address; each shop has its own


def environment(folder: Path, address: str) -> dict[str, str]:
    """What the PHP processes of a shop in `folder` must know."""
    own = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return own | {"STANDIN_SHOP": str(folder), "STANDIN_HOME": address}


def on_mysql(socket: Path) -> dict[str, str]:
    """The same for a shop whose database is MariaDB."""
    told = {"STANDIN_DATABASE": "mysql", "STANDIN_DB_NAME": "shop"}
    return told | {"STANDIN_DB_SOCKET": str(socket)}


def template(core: Path, wordpress: str) -> Path:
    """An installed shop on SQLite, made once for each state of the stand-in's files."""
    place = needs.folder() / "templates" / f"{wordpress}-{_digest()}"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as scratch:
            made = Path(scratch) / "shop"
            install(core, made, environment(made, _ELSEWHERE))
            try:
                made.rename(place)
            except OSError:  # somebody else was quicker
                if not place.exists():
                    raise
        _forget_old(place, wordpress)
    return place


def _forget_old(kept: Path, wordpress: str) -> None:
    """Templates of earlier states; not the newest ones, which another run may be copying."""
    for place in kept.parent.glob(f"{wordpress}-*"):
        if place != kept and time.time() - place.stat().st_mtime > _OLD:
            shutil.rmtree(place, ignore_errors=True)


def install(core: Path, folder: Path, told: dict[str, str]) -> None:
    """Make a shop in `folder`. Raises `RuntimeError` with what PHP said."""
    _set_config(core)
    content = folder / "wp-content"
    for name in ("plugins", "themes", "languages/plugins"):
        (content / name).mkdir(parents=True, exist_ok=True)
    (content / "mu-plugins").symlink_to(HERE / "site" / "mu-plugins")
    (content / "themes" / "stand-in").symlink_to(HERE / "site" / "theme")
    (content / "plugins" / "woocommerce").symlink_to(HERE / "woocommerce")
    if "STANDIN_DATABASE" not in told:
        (folder / "database").mkdir()
        (content / "db.php").symlink_to(HERE / "site" / "db.php")
    for step in ("install", "finish"):
        _run([*PHP, str(HERE / "site" / f"{step}.php"), str(core)], told, folder)


def _set_config(core: Path) -> None:
    wanted = (HERE / "site" / "wp-config.php").read_bytes()
    if (core / "wp-config.php").read_bytes() != wanted:
        (core / "wp-config.php").write_bytes(wanted)


def _digest() -> str:
    told = hashlib.sha256()
    for file in _sources():
        told.update(file.read_bytes())
    return told.hexdigest()[:12]


def _sources() -> Iterator[Path]:
    site = (HERE / "site").rglob("*")
    made_of = [HERE / "woocommerce" / "includes" / f"{name}.php" for name in _OF_THE_TEMPLATE]
    yield from sorted(each for each in [*site, *made_of] if each.is_file())


_OF_THE_TEMPLATE = ("tables", "block-pages")


def _run(command: list[str], told: dict[str, str], folder: Path) -> None:
    ran = subprocess.run(
        command, env=told, capture_output=True, text=True, timeout=180, check=False
    )
    if ran.returncode:
        log = folder / "debug.log"
        complaints = log.read_text() if log.exists() else ""
        raise RuntimeError(f"{command[-2]} failed\n{ran.stdout}{ran.stderr}{complaints}")
