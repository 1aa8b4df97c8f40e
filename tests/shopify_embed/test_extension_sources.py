"""The extension's files, as Shopify's rules want them."""

from __future__ import annotations

import gzip
import json
import re
import tomllib
from typing import Any

import pytest

from tests.shopify_embed.theme import EXTENSION, Shown, rendered, schema_of

BLOCKS = ("relance_box", "relance_embed")
FILES = sorted(path for path in EXTENSION.rglob("*") if path.is_file())


def words(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((EXTENSION / "locales" / name).read_text())
    return read


def names(tree: Any, before: str = "") -> set[str]:
    if not isinstance(tree, dict):
        return {before}
    return {
        found for key, each in tree.items() for found in names(each, f"{before}.{key}".strip("."))
    }


def test_the_script_and_the_style_are_small() -> None:
    sizes = {
        path.name: len(gzip.compress(path.read_bytes(), 6))
        for path in (EXTENSION / "assets").iterdir()
    }
    assert sizes.keys() == {"relance.js", "relance.css"}
    assert sizes["relance.js"] < 6_000
    assert sizes["relance.css"] < 3_000


def test_it_lies_in_the_folders_that_shopify_knows() -> None:
    folders = {str(path.parent.relative_to(EXTENSION)) for path in FILES}
    assert folders == {".", "assets", "blocks", "locales", "snippets"}
    told = tomllib.loads((EXTENSION / "shopify.extension.toml").read_text())
    assert told["type"] == "theme"


def test_the_sample_of_the_app_names_our_doors_and_the_legal_topics() -> None:
    told = tomllib.loads((EXTENSION.parents[1] / "shopify.app.toml").read_text())
    assert told["app_proxy"]["url"].endswith("/proxy/shopify")
    assert (told["app_proxy"]["prefix"], told["app_proxy"]["subpath"]) == ("apps", "relance")
    (legal,) = told["webhooks"]["subscriptions"]
    assert len(legal["compliance_topics"]) == 3
    assert "topics" not in legal, "the service subscribes to the others by itself"


def test_both_languages_have_the_same_words() -> None:
    assert names(words("en.default.json")) == names(words("fr.json"))
    assert names(words("en.default.schema.json")) == names(words("fr.schema.json"))


@pytest.mark.parametrize("block", BLOCKS)
def test_each_word_that_a_block_names_is_there(block: str) -> None:
    known = names(words("en.default.schema.json"))
    asked = set(re.findall(r'"t:([\w.]+)"', json.dumps(schema_of(block))))
    assert asked <= known, asked - known


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("language", ["en.default.schema.json", "fr.schema.json"])
def test_names_and_ids_are_as_shopify_wants_them(block: str, language: str) -> None:
    schema = schema_of(block)
    said = words(language)
    for step in schema["name"].removeprefix("t:").split("."):
        said = said[step]
    assert len(str(said)) <= 25
    ids = [each["id"] for each in schema["settings"] if "id" in each]
    assert len(ids) == len(set(ids))
    assert (EXTENSION / "assets" / schema["javascript"]).exists()
    assert (EXTENSION / "assets" / schema["stylesheet"]).exists()


def test_the_embed_is_an_embed_and_the_box_a_block_of_sections() -> None:
    assert schema_of("relance_embed")["target"] == "body"
    assert schema_of("relance_box")["target"] == "section"


@pytest.mark.parametrize("block", BLOCKS)
def test_nothing_is_ticked_and_marketing_is_off_by_default(block: str) -> None:
    html = rendered(block, Shown(settings={"offer_marketing": True}))
    assert html.count('type="checkbox"') == 4
    assert not re.search(r"\schecked\b", html)
    defaults = {each.get("id"): each.get("default") for each in schema_of(block)["settings"]}
    assert defaults["offer_marketing"] is False
    colours = [each for each in schema_of(block)["settings"] if each["type"] == "color"]
    assert all("default" not in each for each in colours), "empty: the theme's own"


def test_no_script_tag_and_no_address_of_anybody_else() -> None:
    for path in FILES:
        text = path.read_text()
        assert "<script" not in text
        assert not re.search(r"https?://", text), path.name
