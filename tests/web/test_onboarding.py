"""From a connected shop to the first text: the start page, tried against a Vonage."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator

import pytest

from recovery import accounts, held, stopping, tables
from recovery.model import Channel
from recovery.shops import ShopRow
from tests.standins.vonage import StandInVonage
from tests.web.stage import Stage
from tests.web.test_merchant_door import a_browser, get, mark, post
from web import install

PHONE = "06 12 34 56 78"


@pytest.fixture(scope="module")
def running() -> Iterator[StandInVonage]:
    with StandInVonage() as stand_in:
        yield stand_in


@pytest.fixture
def vonage(running: StandInVonage, monkeypatch: pytest.MonkeyPatch) -> StandInVonage:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", running.ca_file)
    running.reset()
    return running


@pytest.fixture
def there(a_stage: Callable[..., Stage], vonage: StandInVonage) -> Stage:
    return a_stage(VONAGE_API_HOST=vonage.host, VONAGE_REST_HOST=vonage.host)


@pytest.fixture
def shop(there: Stage) -> ShopRow:
    return there.a_woocommerce_shop(held=held.NEW, country="FR", locale="fr_FR")


def steps(shop: ShopRow, step: str = "") -> str:
    return f"/shops/{shop.key}/start/{step}"


def account_of(vonage: StandInVonage, **changed: str) -> dict[str, str]:
    known = {name: vonage.credentials[name] for name in ("application_id", "private_key")}
    known |= {"signature_secret": vonage.credentials["signature_secret"]}
    return known | {"from": "+33 7 55 53 00 17"} | changed


def test_from_an_empty_shop_to_on(there: Stage, shop: ShopRow, vonage: StandInVonage) -> None:
    browser = a_browser(there, shop)
    form = mark(browser)
    assert "Not yet: choose a trade." in get(browser, steps(shop)).text
    post(browser, steps(shop, "on"), form=form)
    assert there.the_shop().held == held.NEW
    assert post(browser, steps(shop, "trade"), form=form, trade="fashion").status_code == 302
    answer = post(browser, steps(shop, "sender"), form=form, **account_of(vonage))
    assert answer.status_code == 302, answer.text
    fields = {"country": "FR", "number": PHONE, "language": "fr", "mine": "1"}
    assert post(browser, steps(shop, "test"), form=form, **fields).status_code == 302
    (text,) = vonage.accepted()
    assert (text.to, text.sender) == ("33612345678", "33755530017")
    assert "Teapots & Co" in (text.text or "") and "STOP" in (text.text or "")
    page = get(browser, steps(shop)).text
    assert "Accepted: the provider has it" in page
    assert vonage.credentials["signature_secret"] not in page
    assert "PRIVATE KEY-----" not in page
    post(browser, steps(shop, "on"), form=form)
    assert there.the_shop().held == ""
    assert there.count("reminders") == 0


def test_the_receipt_of_a_test_text_reaches_it(
    there: Stage, shop: ShopRow, vonage: StandInVonage
) -> None:
    browser = a_browser(there, shop)
    form = mark(browser)
    post(browser, steps(shop, "trade"), form=form, trade="travel")
    post(browser, steps(shop, "sender"), form=form, **account_of(vonage))
    fields = {"country": "FR", "number": PHONE, "language": "en", "mine": "1"}
    post(browser, steps(shop, "test"), form=form, **fields)
    assert 'hx-trigger="every 2s"' in get(browser, steps(shop, "tried")).text
    (row,) = there.rows("tried_texts")
    said = {"message_uuid": row.provider_id, "to": "33612345678", "from": "33755530017"}
    said |= {"status": "delivered", "timestamp": "2026-11-20T13:00:01Z", "channel": "sms"}
    said |= {"client_ref": f"tried-{row.id}"}
    priced = said | {"usage": {"currency": "EUR", "price": "0.0650"}}
    body = json.dumps(priced)
    secret, application = (
        vonage.credentials[name] for name in ("signature_secret", "application_id")
    )
    assert there.vonage_sends("status", body.encode(), secret, application).status_code == 200
    page = get(browser, steps(shop, "tried")).text
    assert "Delivered: it is on the telephone." in page
    assert "hx-trigger" not in page
    assert "the status address works" in get(browser, steps(shop)).text


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"private_key": "no key"}, "This is no private key"),
        ({"application_id": "5f0c1d1e-7a52-4a0c-9a9d-000000000000"}, "does not accept this key"),
        ({"application_id": "x"}, "The id looks like"),
        ({"from": "0"}, "This number is not complete"),
        ({"from": "é&"}, "a name of 3 to 11"),
        ({"signature_secret": ""}, "Copy it from the settings"),
        ({"api_key": "a1b2c3d4"}, "Key and secret go together"),
        ({"api_key": "a1b2c3d4", "api_secret": "wrong"}, "does not accept this key and secret"),
    ],
)
def test_an_account_that_is_not_accepted_is_not_kept(
    there: Stage, shop: ShopRow, vonage: StandInVonage, changed: dict[str, str], says: str
) -> None:
    browser = a_browser(there, shop)
    given = account_of(vonage, **changed)
    answer = post(browser, steps(shop, "sender"), form=mark(browser), **given)
    assert answer.status_code == 422
    assert says in answer.text
    assert given["private_key"] not in answer.text
    assert there.count("accounts") == 0
    assert vonage.accepted() == []


def test_the_key_may_come_as_a_file(there: Stage, shop: ShopRow, vonage: StandInVonage) -> None:
    browser = a_browser(there, shop)
    given: dict[str, object] = dict(account_of(vonage, private_key="", form=mark(browser)))
    key = vonage.credentials["private_key"].encode()
    given["key_file"] = (io.BytesIO(key), "private.key")
    where = {"base_url": "https://relance.example", "data": given}
    answer = browser.post(steps(shop, "sender"), **where)  # type: ignore[arg-type]
    assert answer.status_code == 302
    (row,) = there.rows("accounts")
    assert there.the_shop().account_id == row.id
    assert "PRIVATE KEY" not in row.credentials


def test_another_shops_application_is_not_taken_over(
    there: Stage, shop: ShopRow, vonage: StandInVonage
) -> None:
    keys, known = there.tools.keys, {"application_id": vonage.credentials["application_id"]}
    there.database.run(lambda db: accounts.keep(db, keys, "shop.cups", "vonage", "+33", known))
    browser = a_browser(there, shop)
    answer = post(browser, steps(shop, "sender"), form=mark(browser), **account_of(vonage))
    assert answer.status_code == 422
    assert "Another sender here uses this application" in answer.text
    assert [row.name for row in there.rows("accounts")] == ["shop.cups"]


def ready(there: Stage, shop: ShopRow, vonage: StandInVonage):  # type: ignore[no-untyped-def]
    browser = a_browser(there, shop)
    form = mark(browser)
    post(browser, steps(shop, "trade"), form=form, trade="fashion")
    post(browser, steps(shop, "sender"), form=form, **account_of(vonage))

    def test(number: str, mine: str = "1"):  # type: ignore[no-untyped-def]
        fields = {"country": "FR", "number": number, "language": "fr", "mine": mine}
        return post(browser, steps(shop, "test"), form=form, **fields)

    return test


def test_few_tests_leave_and_none_to_a_stranger(
    there: Stage, shop: ShopRow, vonage: StandInVonage
) -> None:
    test = ready(there, shop, vonage)
    assert test(PHONE, mine="").status_code == 422
    assert test("01 42 68 53 00").status_code == 422
    assert [test(PHONE).status_code for _ in range(4)] == [302, 302, 302, 422]
    assert [test("07 55 53 00 20").status_code for _ in range(3)] == [302, 302, 422]
    assert len(vonage.accepted()) == 5
    assert "+33612345678" not in str(there.rows("tried_texts"))


def test_a_stop_holds_against_tests(there: Stage, shop: ShopRow, vonage: StandInVonage) -> None:
    test = ready(there, shop, vonage)
    number, now = "+33612345678", there.clock()
    there.database.run(
        lambda db: stopping.stop_address(db, shop.id, Channel.SMS, number, "reply", now)
    )
    assert "said STOP" in test(PHONE).text
    assert vonage.accepted() == []


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("no_credit", "no credit left"),
        ("unauthorised", "not accept"),
        ("error_before", "line broke"),
    ],
)
def test_what_vonage_says_against_a_test_is_shown(
    there: Stage, shop: ShopRow, vonage: StandInVonage, status: str, says: str
) -> None:
    test = ready(there, shop, vonage)
    vonage.change(script=[status])
    assert test(PHONE).status_code == 302
    browser = a_browser(there, shop, nonce="aaaaaaaaaaaaaaaa")
    assert says in get(browser, steps(shop)).text


def test_a_pause_is_said_at_home_and_undone(stage: Stage) -> None:
    shop = stage.a_woocommerce_shop()
    browser = a_browser(stage, shop)
    post(browser, steps(shop, "pause"), form=mark(browser))
    assert stage.the_shop().held == held.PAUSED
    assert "All sending is paused" in get(browser, f"/shops/{shop.key}/").text
    account = stage.an_account()
    use = tables.shops.update().values(account_id=account.id)
    stage.database.run(lambda db: db.execute(use))
    post(browser, steps(shop, "on"), form=mark(browser))
    assert stage.the_shop().held == ""


def test_an_installed_shop_waits_for_on_and_a_second_install_changes_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stage.app.test_request_context():
        monkeypatch.setattr(install, "_ask_its_name", lambda *_: None)  # the wire
        keep = {"access_token": "shpat_made_up"}
        install.keep("shopify", "one.myshopify.com", keep)
        assert stage.the_shop().held == held.NEW
        stage.database.run(lambda db: held.switch_on(db, 1, stage.clock()))
        install.keep("shopify", "one.myshopify.com", keep)
        assert stage.the_shop().held == ""
        left = tables.shops.update().values(state="uninstalled")
        stage.database.run(lambda db: db.execute(left))
        install.keep("shopify", "one.myshopify.com", keep)
        assert stage.the_shop().held == held.NEW


def test_each_text_of_the_programme_can_be_tried(stage: Stage) -> None:
    from recovery import presets, programmes
    from recovery.programmes import CART

    account = stage.an_account()
    shop = stage.a_woocommerce_shop(account_id=account.id)
    form = presets.preset("fashion", "FR", "fr")
    numbers = [step.number for step in form.steps if step.channel == "sms"]
    now = stage.clock()
    stage.database.run(lambda db: programmes.save(db, shop.id, CART, form, "test", now))
    browser = a_browser(stage, shop)
    address = f"/shops/{shop.key}/start/?language=fr&step={numbers[-1]}"
    page = get(browser, address).text
    assert f'<option value="{numbers[-1]}" selected>' in page
    assert '<option value="fr" selected>' in page
    assert get(browser, f"/shops/{shop.key}/start/?language=xx&step=99").status_code == 200
