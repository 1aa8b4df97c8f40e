"""What holds in the whole house, read from the code itself."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import settings
from worker import queues

HOUSE = Path(settings.__file__).parent
ROOMS = ("recovery", "connectors", "worker", "web")
ONLY_READERS = {"settings.py", "start.py"}
#: Where processes start; below them, values arrive as arguments.
STARTS = {
    "start.py",
    "worker/__main__.py",
    "web/__init__.py",
    "web/application.py",
    "web/serving.py",
    "connectors/sandbox/__main__.py",
}
#: What `recovery` may import besides the standard library: rows, texts, and what the world
#: has agreed on (numbers, holidays, money and languages, ciphers). A new name needs a reason.
RECOVERY_STANDS_ON = frozenset(
    """sqlalchemy alembic liquid phonenumbers holidays babel cryptography msgspec mjml""".split()
)
#: Of the standard library, what reaches outside this process.
OUTWARD = frozenset(
    """asyncio ftplib http http.client imaplib multiprocessing poplib smtplib socket socketserver
    ssl subprocess telnetlib urllib.request webbrowser xmlrpc""".split()
)
_LOG = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})
_PERSONAL = re.compile(r"phone|email|e164|recipient|first_name|last_name|\bbody\b|\braw\b", re.I)


def _files(*rooms: str) -> list[Path]:
    found = [path for room in rooms for path in sorted((HOUSE / room).rglob("*.py"))]
    return [path for path in found if "versions" not in path.parts]


def _named(path: Path) -> str:
    return str(path.relative_to(HOUSE))


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


CODE = _files(*ROOMS)
TOP = [HOUSE / name for name in ("settings.py", "start.py", "moment.py", "logs.py")]


def test_nobody_imports_whom_they_must_not() -> None:
    # In a process of its own: it sets up logging anew, for everybody in this one.
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports as l; exit(l())"]
    told = subprocess.run(
        command, cwd=HOUSE, capture_output=True, text=True, timeout=120, check=False
    )
    assert told.returncode == 0, told.stdout


def test_settings_are_imported_only_where_a_process_starts() -> None:
    readers = {
        _named(path)
        for path in [*CODE, *TOP]
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Import | ast.ImportFrom) and "settings" in _modules(node)
    }
    assert readers <= STARTS, readers - STARTS


def test_recovery_stands_on_little() -> None:
    allowed = {"recovery", *RECOVERY_STANDS_ON} | sys.stdlib_module_names - OUTWARD
    strange = [
        f"{_named(path)}:{line} {module}"
        for path in _files("recovery")
        for line, module in _imports(path)
        if module.split(".")[0] not in allowed or module in OUTWARD
    ]
    assert strange == []


def test_connectors_know_of_recovery_only_the_model() -> None:
    # import-linter's contract names the modules that must not be; this one what may.
    strange = [
        f"{_named(path)}:{line} {module}"
        for path in _files("connectors")
        for line, module in _imports(path)
        if module.split(".")[0] == "recovery" and module != "recovery.model"
    ]
    assert strange == []


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every import, wherever it stands. `from urllib import request` counts as both."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert not getattr(node, "level", 0), f"{_named(path)}: imports are absolute here"
            for module in _modules(node):
                yield node.lineno, module
            if isinstance(node, ast.ImportFrom):
                for name in node.names:
                    if f"{node.module}.{name.name}" in OUTWARD:
                        yield node.lineno, f"{node.module}.{name.name}"


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [name.name for name in node.names]


def test_every_setting_is_in_the_readmes_table() -> None:
    rows = re.findall(r"^\|\s*`(\w+)`", (HOUSE / "README.md").read_text(), re.M)
    assert [name for name in settings.names() if name not in rows] == []


def test_every_setting_is_in_the_example_file() -> None:
    given = re.findall(r"^#?\s*(\w+)=", (HOUSE / ".env.example").read_text(), re.M)
    assert [name for name in settings.names() if name not in given] == []


def test_every_queue_has_a_lane_that_works_on_it() -> None:
    names = {value: name for name, value in vars(queues).items() if value in queues.ALL}
    used = {
        node.attr
        for node in ast.walk(_tree(HOUSE / "worker" / "lanes.py"))
        if isinstance(node, ast.Attribute)
    }
    assert {names[queue] for queue in queues.ALL} - used == set()


def test_a_state_changes_in_one_file_only() -> None:
    writers = []
    for path in _files("recovery", "worker", "web"):
        if path.name != "states.py":
            writers += [f"{_named(path)}:{line}" for line in _state_writes(_tree(path))]
    assert writers == []


def _state_writes(tree: ast.Module) -> Iterator[int]:
    """Where a state of a cart or a reminder is written past `states.move`."""
    shop_words = {"active", "uninstalled", "erased"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(each, ast.Attribute) and each.attr == "state" for each in targets):
                yield node.lineno
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "values":
            for keyword in node.keywords:
                if keyword.arg == "state" and getattr(keyword.value, "value", "") not in shop_words:
                    yield node.lineno
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if getattr(key, "value", "") == "state" and not _is_allowed(value, shop_words):
                    yield node.lineno


def _is_allowed(value: ast.expr, shop_words: set[str]) -> bool:
    """A new row's first state, a word of a shop's life, or a label of a figure (read, not set)."""
    if isinstance(value, ast.Call):
        return getattr(value.func, "attr", "") == "at_first"
    return getattr(value, "value", "") in shop_words or isinstance(value, ast.Attribute)


def test_the_environment_is_read_in_two_files_only() -> None:
    reads = re.compile(r"\bos\.(environ|getenv)\b|from os import .*\b(environ|getenv)\b")
    readers = {path.name for path in [*CODE, *TOP] if reads.search(path.read_text())}
    assert readers <= ONLY_READERS


def test_no_file_has_two_subjects() -> None:
    lengths = {_named(path): len(path.read_text().splitlines()) for path in [*CODE, *TOP]}
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_no_function_is_longer_than_a_page() -> None:
    long = [
        f"{_named(path)}:{node.lineno} {node.name}"
        for path in [*CODE, *TOP]
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.FunctionDef) and _length(node) > 45
    ]
    assert long == []


def _length(function: ast.FunctionDef) -> int:
    """Lines, less the docstring, and less the arguments of what it returns: a table of fields."""
    length = (function.end_lineno or 0) - function.lineno + 1
    first, last = function.body[0], function.body[-1]
    if isinstance(first, ast.Expr):
        length -= (first.end_lineno or 0) - first.lineno + 1
    if isinstance(last, ast.Return) and isinstance(last.value, ast.Call):
        length -= (last.end_lineno or 0) - last.lineno
    return length


def test_every_target_of_the_makefile_says_what_it_does() -> None:
    targets = re.findall(r"^([a-z][\w-]*):(?!=)(.*)$", (HOUSE / "Makefile").read_text(), re.M)
    assert {"run", "test", "lint", "bench"} <= {name for name, _ in targets}
    assert [name for name, rest in targets if not re.search(r"## \w", rest)] == []


def test_every_time_is_aware() -> None:
    naive = []
    for path in [*CODE, *TOP]:
        for call in _calls(_tree(path)):
            name = getattr(call.func, "attr", "")
            on = getattr(getattr(call.func, "value", None), "id", "")
            bare = name == "now" and on == "datetime" and not (call.args or call.keywords)
            if bare or name in {"utcnow", "utcfromtimestamp"}:
                naive.append(f"{_named(path)}:{call.lineno}")
    assert naive == []


def test_nothing_personal_is_logged() -> None:
    told = []
    for path in [*CODE, *TOP]:
        for call in _calls(_tree(path)):
            on = getattr(getattr(call.func, "value", None), "id", "")
            if getattr(call.func, "attr", "") in _LOG and on in {"log", "logger", "logging"}:
                names = " ".join(name for each in call.args for name in _names(each))
                told += [f"{_named(path)}:{call.lineno} {names}"] if _PERSONAL.search(names) else []
    assert told == []


def _names(said: ast.expr) -> Iterator[str]:
    """The names whose values are told; the length of something tells nothing of it."""
    if isinstance(said, ast.Call) and getattr(said.func, "id", "") in {"len", "type"}:
        return
    if isinstance(said, ast.Name):
        yield said.id
    if isinstance(said, ast.Attribute):
        yield said.attr
    for part in ast.iter_child_nodes(said):
        if isinstance(part, ast.expr):
            yield from _names(part)


def test_no_module_is_named_after_nothing() -> None:
    empty = {"manager", "handler", "processor", "helper", "helpers", "utils", "service", "common"}
    assert [_named(path) for path in CODE if path.stem in empty] == []
