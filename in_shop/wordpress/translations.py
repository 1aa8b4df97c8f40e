"""The plugin's words: from its sources into the `.pot`, from each `.po` into what WordPress reads.

`python -m in_shop.wordpress.translations` brings everything up to date and names what
is not translated yet. WordPress reads PHP's words from a `.mo`, a script's from a
`.json` named after the script's path.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PLUGIN = Path(__file__).parent / "relance"
DOMAIN = "relance"
LOCALES = ("fr_FR",)
# One time for all: a file that holds the same words is the same file.
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)

SINGLE = {"__", "_e", "esc_html__", "esc_html_e", "esc_attr__", "esc_attr_e"}
WITH_CONTEXT = {"_x", "_ex", "esc_html_x", "esc_attr_x"}
PLURAL = {"_n": 2, "_n_noop": 2}
PLURAL_WITH_CONTEXT = {"_nx": 4, "_nx_noop": 3}  # which argument is the context
NAMES = "|".join(sorted(SINGLE | WITH_CONTEXT | set(PLURAL) | set(PLURAL_WITH_CONTEXT), key=len))
A_CALL = re.compile(rf"(?<![\w$>])(?:i18n\.|wp\.i18n\.)?({NAMES})\s*\(")
A_TEXT = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""", re.S)
A_NOTE = re.compile(r"translators:\s*(.*?)\s*(?:\*/|$)", re.I | re.M)
NOT_OURS = re.compile('"(Generated-By|Report-Msgid-Bugs-To):')
HEADERS = ("Plugin Name", "Description")
BLOCK_WORDS = {"title": "block title", "description": "block description"}
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "'": "'", '"': '"', "\\": "\\", "$": "$"}


class Words(NamedTuple):
    """One text to translate, where it stands, and what its author tells translators."""

    text: str
    plural: str | None
    context: str | None
    file: str
    note: str


class NotLiteral(ValueError):
    """A text to translate has to stand in the source as it is, or nobody finds it."""


def found(folder: Path = PLUGIN) -> list[Words]:
    """Every text of the plugin that is to be translated. Raises `NotLiteral`."""
    told: list[Words] = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix in {".php", ".js"}:
            told += in_source(path.read_text("utf-8"), name)
        if path.name == "block.json":
            told += _in_block(json.loads(path.read_text("utf-8")), name)
    return told


def in_source(source: str, name: str) -> Iterator[Words]:
    """The texts in one file of PHP or JavaScript. Raises `NotLiteral`."""
    if name == "relance.php":
        yield from _in_header(source, name)
    for call in A_CALL.finditer(source):
        if source[: call.start()].endswith("function "):
            continue
        arguments = list(_arguments(source, call.end()))
        texts = [_literal(each) for each in arguments]
        if texts[-1] != DOMAIN:
            raise NotLiteral(f"{name}: {call[1]}({arguments[0]}…) without '{DOMAIN}'")
        yield _words(call[1], texts, name, _note(source, call.start()))


def _words(call: str, texts: list[str | None], name: str, note: str) -> Words:
    context: str | None = None
    plural: str | None = None
    if call in WITH_CONTEXT:
        context = _given(texts, 1, name)
    if call in PLURAL or call in PLURAL_WITH_CONTEXT:
        plural = _given(texts, 1, name)
    if call in PLURAL_WITH_CONTEXT:
        context = _given(texts, PLURAL_WITH_CONTEXT[call] - 1, name)
    return Words(_given(texts, 0, name), plural, context, name, note)


def _given(texts: list[str | None], place: int, name: str) -> str:
    text = texts[place] if place < len(texts) else None
    if text is None:
        raise NotLiteral(f"{name}: argument {place + 1} of a translated text is no plain text")
    return text


def _arguments(source: str, start: int) -> Iterator[str]:
    """What stands between the commas of a call, up to its closing parenthesis."""
    depth, begun, at = 0, start, start
    while at < len(source):
        letter = source[at]
        if letter in "'\"":
            text = A_TEXT.match(source, at)
            at = text.end() if text else at + 1
            continue
        if letter in ")]}" and depth == 0:
            break
        if letter == "," and depth == 0:
            yield source[begun:at].strip()
            begun = at + 1
        depth += (letter in "([{") - (letter in ")]}")
        at += 1
    if source[begun:at].strip():
        yield source[begun:at].strip()


def _literal(argument: str) -> str | None:
    """The text that a literal stands for; None when it is anything else."""
    match = A_TEXT.fullmatch(argument)
    if match is None:
        return None
    if match[1] is not None:
        return re.sub(r"\\(['\\])", r"\1", match[1])
    return re.sub(r"\\(.)", lambda each: ESCAPES.get(each[1], each[0]), match[2])


def _note(source: str, start: int) -> str:
    """The translators' comment just before a call, as WordPress writes it."""
    before = source[:start].rsplit(";", 1)[-1].rsplit("{", 1)[-1][-400:]
    notes = A_NOTE.findall(before)
    return notes[-1] if notes else ""


def _in_header(source: str, name: str) -> Iterator[Words]:
    for header in HEADERS:
        line = re.search(rf"^[ \t/*#@]*{header}:(.*)$", source, re.M)
        if line:
            yield Words(line[1].strip(), None, None, name, f"{header} of the plugin")


def _in_block(block: dict[str, object], name: str) -> Iterator[Words]:
    for field, context in BLOCK_WORDS.items():
        if isinstance(block.get(field), str):
            yield Words(str(block[field]), None, context, name, "")
    keywords = block.get("keywords")
    for keyword in keywords if isinstance(keywords, list) else []:
        yield Words(str(keyword), None, "block keyword", name, "")


def template(words: list[Words], version: str = "") -> Catalog:
    """The `.pot`: every text once, with the files it stands in."""
    catalog = _catalog(None, version)
    for each in words:
        catalog.add(
            each.text if each.plural is None else (each.text, each.plural),
            locations=[(each.file, 1)],
            auto_comments=[f"translators: {each.note}"] if each.note else [],
            flags={"php-format"} if re.search(r"%(\d+\$)?[sd]", each.text) else (),
            context=each.context,
        )
    return catalog


def _catalog(locale: str | None, version: str) -> Catalog:
    return Catalog(
        locale=locale,
        domain=DOMAIN,
        header_comment="# Words of the plugin Relance.\n# It may be passed on like the plugin.",
        project="Relance",
        version=version,
        creation_date=WRITTEN,
        revision_date=WRITTEN,
        last_translator="Relance",
        language_team="Relance",
        fuzzy=False,
    )


def merged(locale: str, words: list[Words], old: str, version: str = "") -> Catalog:
    """A `.po` with exactly the texts of today, and the translations that `old` has of them."""
    known = read_po(io.StringIO(old), locale=locale) if old else Catalog(locale=locale)
    catalog = _catalog(locale, version)
    for message in template(words):
        if not message.id:
            continue
        before = known.get(_first(message), message.context)
        catalog.add(
            message.id,
            before.string if before is not None else None,
            locations=message.locations,
            auto_comments=message.auto_comments,
            flags=message.flags,
            context=message.context,
        )
    return catalog


def _first(message: Message) -> str:
    return str(message.id if isinstance(message.id, str) else message.id[0])


def as_po(catalog: Catalog) -> bytes:
    """A catalog as a `.po`; without line numbers, which would change with every edit."""
    into = io.BytesIO()
    write_po(into, catalog, width=100, include_lineno=False)
    text = into.getvalue().decode().replace(", python-format", "")  # Babel's guess; it is PHP's
    kept = (line for line in text.splitlines() if not NOT_OURS.match(line))
    return ("\n".join(kept) + "\n").encode()


def as_mo(catalog: Catalog) -> bytes:
    """A catalog as WordPress reads it for PHP."""
    into = io.BytesIO()
    write_mo(into, catalog)
    return into.getvalue()


def script_files(catalog: Catalog, locale: str) -> dict[str, bytes]:
    """What WordPress reads for scripts: file name → content, for each script with texts."""
    scripts = sorted({file for each in catalog for file, _ in each.locations if file[-3:] == ".js"})
    return {
        f"{DOMAIN}-{locale}-{hashlib.md5(script.encode(), usedforsecurity=False).hexdigest()}.json":
        _script_json(catalog, script, locale)
        for script in scripts
    }  # fmt: skip


def _script_json(catalog: Catalog, script: str, locale: str) -> bytes:
    messages: dict[str, object] = {
        "": {"domain": "messages", "lang": locale, "plural-forms": catalog.plural_forms}
    }
    for each in catalog:
        if each.id and script in {file for file, _ in each.locations}:
            name = f"{each.context}\x04{_first(each)}" if each.context else _first(each)
            messages[name] = (
                [each.string] if isinstance(each.string, str) else [*(each.string or ())]
            )
    told = {"source": script, "domain": "messages", "locale_data": {"messages": messages}}
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def untranslated(catalog: Catalog) -> list[str]:
    """The texts without a translation, or with an empty plural."""
    return [
        _first(each)
        for each in catalog
        if each.id and not (each.string and (isinstance(each.string, str) or all(each.string)))
    ]


def made(folder: Path = PLUGIN) -> dict[str, bytes]:
    """What `languages/` has to hold, from the sources and the translations that are there."""
    words, version = found(folder), _version(folder)
    files = {f"{DOMAIN}.pot": as_po(template(words, version))}
    for locale in LOCALES:
        name = f"{DOMAIN}-{locale}"
        old = folder / "languages" / f"{name}.po"
        catalog = merged(locale, words, old.read_text("utf-8") if old.exists() else "", version)
        files |= {f"{name}.po": as_po(catalog), f"{name}.mo": as_mo(catalog)}
        files |= script_files(catalog, locale)
    return files


def _version(folder: Path) -> str:
    main = folder / "relance.php"
    line = (
        re.search(r"^[ \t/*#@]*Version:(.*)$", main.read_text("utf-8"), re.M)
        if main.exists()
        else None
    )
    return line[1].strip() if line else ""


def main() -> int:
    """Writes `languages/` anew; 1 when something is not translated."""
    missing = 0
    for name, content in made().items():
        (PLUGIN / "languages" / name).write_bytes(content)
        if name.endswith(".po"):
            for text in untranslated(read_po(io.BytesIO(content))):
                missing += 1
                sys.stdout.write(f"{name}: {text}\n")
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
