"""The plugin on the oldest PHP that it is for, on Debian's and on the newest: no remark of PHP.

Debian has one PHP. The two others come from npm as WebAssembly (`php/package-lock.json`).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from in_shop.wordpress import pack

HERE = Path(__file__).parent / "php"
DEBIANS = "debian"
VERSIONS = (DEBIANS, "7.4", "8.4")
SOURCES = sorted(path for path in pack.plugin_files() if path.suffix == ".php")


def needed(program: str, package: str) -> str:
    """The path of a program; a failure that names Debian's package where it is missing."""
    path = shutil.which(program)
    if path is None:
        pytest.fail(f"{program} is missing: apt-get install {package}", pytrace=False)
    return path


@pytest.fixture(scope="session")
def php_by_npm() -> str:
    """Node, with both versions in `php/node_modules`."""
    node, npm = needed("node", "nodejs"), needed("npm", "npm")
    lock, mark = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    if not mark.exists() or mark.stat().st_mtime < lock.stat().st_mtime:
        ran = subprocess.run(
            [npm, "ci"], cwd=HERE, capture_output=True, text=True, timeout=300, check=False
        )
        if ran.returncode:
            pytest.fail(f"npm ci failed:\n{ran.stdout}\n{ran.stderr}", pytrace=False)
    return node


def told_by(version: str, script: str, plugin: Path, request: pytest.FixtureRequest) -> Any:
    """What a script of `php/` says in JSON on that version; a remark of PHP is a failure."""
    if version == DEBIANS:
        command = [needed("php", "php-cli"), str(HERE / script)]
    else:
        node = request.getfixturevalue("php_by_npm")
        command = [node, "run.js", version, f"/checks/{script}", f"{HERE}=/checks"]
        command += [f"{plugin}=/plugin"]
    ran = subprocess.run(
        command,
        cwd=HERE,
        env=os.environ | {"PLUGIN": str(plugin)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.stderr == "", ran.stderr
    told = json.loads(ran.stdout)
    assert version == DEBIANS or told["version"].startswith(f"{version}.")
    return told


@pytest.mark.parametrize("version", VERSIONS)
def test_every_file_compiles_without_a_remark(version: str, request: pytest.FixtureRequest) -> None:
    told = told_by(version, "lint.php", pack.PLUGIN, request)["files"]
    assert set(told) == {path.name for path in SOURCES}
    assert {name: words for name, words in told.items() if words} == {}


def test_debians_own_check_finds_no_mistake() -> None:
    php = needed("php", "php-cli")
    for path in SOURCES:
        ran = subprocess.run(
            [php, "-d", "display_errors=1", "-l", str(path)],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert ran.stdout == f"No syntax errors detected in {path}\n", ran.stdout
        assert ran.returncode == 0


@pytest.mark.parametrize("version", VERSIONS)
def test_the_core_does_what_it_promises(version: str, request: pytest.FixtureRequest) -> None:
    told = told_by(version, "checks.php", pack.PLUGIN, request)["checked"]
    assert len(told) >= 110
    assert {name: words for name, words in told.items() if words} == {}


@pytest.mark.parametrize(
    ("version", "mistake"),
    [
        ("7.4", "<?php\n$a = match ( 1 ) { 1 => 2 };\n"),
        ("7.4", "<?php\nfunction a( int|string $b ) {}\n"),
        ("8.4", "<?php\nfunction a( array $b = null ) {}\n"),
        (DEBIANS, "<?php\nfunction a( $b = 1, $c ) {}\n"),
        (DEBIANS, "<?php\necho 'x'\necho 'y';\n"),
    ],
)
def test_what_one_version_does_not_take_is_seen(
    version: str, mistake: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    (tmp_path / "wrong.php").write_text(mistake)
    assert told_by(version, "lint.php", tmp_path, request)["files"]["wrong.php"]


def test_no_address_of_a_registry_is_in_the_lock() -> None:
    lock = (HERE / "package-lock.json").read_text()
    assert '"resolved"' not in lock
