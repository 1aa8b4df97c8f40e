"""The zip of the plugin: what is in it, and that it is the same every time."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from in_shop.wordpress import pack

NEEDED = {
    "relance/relance.php",
    "relance/uninstall.php",
    "relance/readme.txt",
    "relance/LICENSE.txt",
    "relance/languages/relance.pot",
    "relance/languages/relance-fr_FR.po",
    "relance/languages/relance-fr_FR.mo",
    "relance/includes/class-relance-settings.php",
}
KINDS = {".php", ".txt", ".js", ".css", ".json", ".pot", ".po", ".mo", ".svg"}
A_KEY = re.compile(
    rb"-----BEGIN|\b(?:ck|cs)_[0-9a-f]{40}\b|\b[0-9a-f]{40,}\b|shp(?:at|ss|ca)_\w{16}"
    rb"|(?:secret|password|token)['\"]?\s*(?:=>|=|:)\s*['\"][^'\"$]{8,}['\"]"
)
HOUSE = Path(pack.__file__).parents[2]


@pytest.fixture(scope="module")
def packed() -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(pack.zip_bytes()))


def test_it_holds_one_folder_with_all_that_wordpress_needs(packed: zipfile.ZipFile) -> None:
    names = set(packed.namelist())
    assert names >= NEEDED
    assert {name.split("/")[0] for name in names} == {"relance"}
    assert packed.testzip() is None


def test_every_class_of_the_plugin_is_in_it(packed: zipfile.ZipFile) -> None:
    lying = {f"relance/{path.relative_to(pack.PLUGIN).as_posix()}" for path in pack.plugin_files()}
    assert set(packed.namelist()) == lying
    assert len([name for name in lying if "/includes/class-relance-" in name]) >= 10


def test_it_holds_only_the_kinds_of_files_that_a_plugin_needs(packed: zipfile.ZipFile) -> None:
    assert {Path(name).suffix for name in packed.namelist()} <= KINDS


def test_it_is_the_same_bytes_every_time(tmp_path: Path) -> None:
    copy = tmp_path / "relance"
    for path in reversed(pack.plugin_files()):
        there = copy / path.relative_to(pack.PLUGIN)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(path.read_bytes())
        there.chmod(0o755)
        os.utime(there, (10**9, 10**9))
    assert pack.zip_bytes(copy) == pack.zip_bytes()


def test_no_editors_leavings_are_packed(tmp_path: Path) -> None:
    for name in ("a.php", ".a.php.swp", "a.php~", ".DS_Store", "a.php.orig"):
        (tmp_path / name).write_text("<?php\n")
    assert [path.name for path in pack.plugin_files(tmp_path)] == ["a.php"]


def test_no_key_is_in_it(packed: zipfile.ZipFile) -> None:
    for name in packed.namelist():
        assert A_KEY.search(packed.read(name)) is None, name


@pytest.mark.parametrize(
    "planted",
    [b"$secret = 'abcdefgh1234';", b"'secret' => 'abcdefgh1234'", b"ck_" + b"0" * 40, b"f" * 64],
)
def test_a_key_would_be_seen(planted: bytes) -> None:
    assert A_KEY.search(b"<?php\n" + planted + b"\n")


def test_no_address_of_a_service_is_in_its_code(packed: zipfile.ZipFile) -> None:
    # It learns its service by pairing. Licence, standards and examples may be named.
    allowed = rb"(www\.)?gnu\.org|(\w+\.)?wordpress\.org|json\.schemastore\.org|schemas\.wp\.org|"
    allowed += rb"(\w+\.)*example(\.\w+)?|\xe2\x80\xa6"
    for name in packed.namelist():
        if name.endswith((".php", ".js")):
            for host in re.findall(rb"https?://([^/\s'\"`)<$%:]+)", packed.read(name)):
                assert re.fullmatch(allowed, host), (name, host)


def test_it_is_small() -> None:
    assert len(pack.zip_bytes()) < 150_000


def test_the_command_writes_what_the_web_serves(tmp_path: Path) -> None:
    target = tmp_path / "dist" / "relance.zip"
    command = [sys.executable, "-m", "in_shop.wordpress.pack", str(target)]
    subprocess.run(command, cwd=HOUSE, check=True, capture_output=True, timeout=60)
    assert target.read_bytes() == pack.zip_bytes()
