"""Every word around the plugin is there in French, too."""

from __future__ import annotations

import re
from pathlib import Path

import web
from connectors.woocommerce import pairing as asking
from recovery import exports
from web import pairing, plugin_privacy
from web.words import translated

PAGES = Path(web.__file__).parent / "templates"


def missing(words: set[str]) -> list[str]:
    same = {"Messages", "E-mail", "Page", "Programme", "Total"}  # in both languages
    return sorted(text for text in words - same if translated(text, "fr") == text)


def test_of_the_pages() -> None:
    said = re.findall(r'_t\("([^"]+)"\)', (PAGES / "pairing.html").read_text())
    assert len(said) > 15
    assert missing(set(said)) == []


def test_of_the_answers() -> None:
    modules = (pairing, plugin_privacy)
    names = re.compile(r"_[A-Z_]+\Z")
    said = {
        value
        for module in modules
        for name, value in vars(module).items()
        if names.match(name) and isinstance(value, str) and " " in value
    }
    assert len(said) == 9
    assert missing(said | {asking.NOT_CONFIRMED}) == []


def test_of_what_is_handed_to_a_person() -> None:
    tables = [value for name, value in vars(exports).items() if re.match(r"_[A-Z]+\Z", name)]
    said = {label for table in tables for _, label in table}
    labels = set(re.findall(r'\("\w+", "([A-Z][^"]+)"', Path(exports.__file__).read_text()))
    assert {"Carts", "Agreed or declined", "Phone as typed"} <= said | labels
    assert missing(said | labels) == []
