"""One text has one translation: the pages read all files of a language as one."""

from __future__ import annotations

from collections import defaultdict

from babel.messages.pofile import read_po

from web.merchant import catalogue


def test_no_text_is_translated_in_two_ways() -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((catalogue.WEB / "translations" / "fr").glob("*.po")):
        with path.open("rb") as file:
            for each in read_po(file):
                if each.id:
                    found[str(each.id)].add(str(each.string))
    assert {text: said for text, said in found.items() if len(said) > 1} == {}
