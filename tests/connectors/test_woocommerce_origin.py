"""A webhook of the shop itself, or of a copy that kept the shop's webhooks."""

from __future__ import annotations

import pytest

from connectors.woocommerce.origin import SOURCE, copy_that_sent

SHOP = "https://pots.example"


@pytest.mark.parametrize(
    ("address", "source"),
    [
        (SHOP, "https://pots.example/"),
        (SHOP, "https://pots.example"),
        (SHOP, "http://pots.example/"),
        (SHOP, "https://www.pots.example/"),
        ("https://www.pots.example", "http://POTS.example/"),
        (SHOP, "https://pots.example:443/"),
        (SHOP, "https://pots.example/fr/"),
        (SHOP, "https://pots.example/pt_BR/"),
        ("https://pots.example/shop", "https://pots.example/shop/"),
        ("https://pots.example/shop", "https://pots.example/shop/de/"),
        ("https://pots.example/de", "https://pots.example/de/"),
        ("http://127.0.0.1:8081", "http://127.0.0.1:8081/"),
        ("https://xn--tpfe-5qa.example", "https://töpfe.example/".encode().decode("latin-1")),
        ("https://xn--tpfe-5qa.example", "https://xn--tpfe-5qa.example/"),
    ],
)
def test_the_shop_itself_is_no_copy(address: str, source: str) -> None:
    assert copy_that_sent({SOURCE: source}, address) is None


@pytest.mark.parametrize(
    "source",
    [
        "",
        "/",
        "pots",
        "staging.pots.example",
        "https://",
        "https://[",
        "javascript:1",
        "\x00\udc00",
    ],
)
def test_what_names_no_address_says_nothing(source: str) -> None:
    assert copy_that_sent({SOURCE: source}, SHOP) is None
    assert copy_that_sent({}, SHOP) is None


@pytest.mark.parametrize(
    ("address", "source", "told"),
    [
        (SHOP, "https://staging.pots.example/", "https://staging.pots.example"),
        (SHOP, "http://pots.local/", "http://pots.local"),
        (SHOP, "http://localhost:10004/", "http://localhost:10004"),
        (SHOP, "https://pots.example:8443/", "https://pots.example:8443"),
        (SHOP, "https://pots.example/staging/", "https://pots.example/staging"),
        (SHOP, "https://pots.example/wp-copy/", "https://pots.example/wp-copy"),
        (SHOP, "https://staging.pots.example/fr/", "https://staging.pots.example/fr"),
        ("https://pots.example/staging", "https://pots.example/", "https://pots.example"),
        (SHOP, "https://xn--tpfe-5qa.example/", "https://xn--tpfe-5qa.example"),
        (SHOP, "https://töpfe.example/".encode().decode("latin-1"), "https://xn--tpfe-5qa.example"),
    ],
)
def test_another_host_port_or_folder_is_a_copy(address: str, source: str, told: str) -> None:
    assert copy_that_sent({SOURCE.lower(): source}, address) == told


@pytest.mark.parametrize(
    ("address", "source"),
    [
        (SHOP, "https://pots.example/zh-hans/"),
        (SHOP, "https://pots.example/ckb"),
        (SHOP, "https://pots.example/de_formal"),
        ("https://pots.example/fr", "https://pots.example/"),
        ("https://pots.example/fr", "https://pots.example/en/"),
    ],
)
def test_a_language_makes_no_other_shop(address: str, source: str) -> None:
    assert copy_that_sent({SOURCE: source}, address) is None


@pytest.mark.parametrize("source", ["https://topf.example/", "https://pots.example/front/"])
def test_what_its_operator_names_is_the_shop_too(source: str) -> None:
    others = ("https://topf.example", "https://pots.example/front")
    assert copy_that_sent({SOURCE: source}, SHOP) is not None
    assert copy_that_sent({SOURCE: source}, SHOP, others) is None
