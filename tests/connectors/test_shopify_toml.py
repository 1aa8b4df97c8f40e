"""The app's own file against what we ask for and subscribe to by ourselves."""

from __future__ import annotations

import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import settings as configuration
from connectors.shopify.topics import FROM_THE_TOML, READERS, SUBSCRIBED
from web import create_app

TOML = Path(configuration.__file__).parent / "in_shop" / "shopify" / "shopify.app.toml"
APP = tomllib.loads(TOML.read_text())


def asked_for() -> set[str]:
    """Every topic that the file subscribes to, as webhooks spell it."""
    found: set[str] = set()
    for each in APP["webhooks"]["subscriptions"]:
        found |= set(each.get("topics", [])) | set(each.get("compliance_topics", []))
    return found


def test_the_file_subscribes_to_the_compliance_topics_alone_and_to_all_of_them() -> None:
    assert asked_for() == FROM_THE_TOML
    assert all("topics" not in each for each in APP["webhooks"]["subscriptions"])


def test_no_topic_comes_twice() -> None:
    by_the_api = {topic.lower() for topic in SUBSCRIBED}
    assert {topic.replace("/", "_") for topic in asked_for()} & by_the_api == set()
    assert len(by_the_api) == len(SUBSCRIBED)
    assert len(asked_for()) + len(SUBSCRIBED) == len(READERS)  # and none is forgotten


def test_the_file_asks_for_the_scopes_and_the_version_of_the_settings(tmp_path: Path) -> None:
    usual = configuration.load({"DATABASE_URL": f"sqlite:///{tmp_path / 'x.sqlite'}"})
    assert APP["access_scopes"]["scopes"] == usual.shopify_scopes
    assert APP["webhooks"]["api_version"] == usual.shopify_api_version


def test_every_address_in_the_file_is_a_door_of_ours(sqlite_template: Path) -> None:
    app = create_app(configuration.load({"DATABASE_URL": f"sqlite:///{sqlite_template}"}))
    doors = app.url_map.bind("relance.example")
    pages = [APP["application_url"], *APP["auth"]["redirect_urls"]]
    hooks = [each["uri"] for each in APP["webhooks"]["subscriptions"]]
    for method, addresses in (("GET", pages), ("POST", hooks)):
        assert all(doors.test(urlsplit(each).path, method) for each in addresses)
    assert doors.test(urlsplit(APP["app_proxy"]["url"]).path + "/contact", "POST")
    assert APP["embedded"] is True
    assert APP["access_scopes"]["use_legacy_install_flow"] is False
    app.extensions["relance"].database.close()
