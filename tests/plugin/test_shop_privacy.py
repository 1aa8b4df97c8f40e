"""WordPress's tools for personal data, and what is left when the plugin goes: nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.plugin.relance_shop import PLUGIN, RelanceShop, Running
from tests.plugin.visitor import EMAIL, PHONE, Visitor

pytest_plugins = ["tests.plugin.shop_fixtures"]

HELD = {
    "groups": [
        {
            "id": "relance-carts",
            "label": "Carts",
            "items": [[{"name": "Began", "value": "2026-11-20"}]],
        }
    ]
}


def left_by(shop: RelanceShop, email: str) -> Visitor:
    """Somebody who left a cart with this address."""
    visitor = shop.visitor(shop.shirt)
    visitor.agree(phone="", email=email, first_name="Zoé", consents={"email": True})
    return visitor


def tool(shop: RelanceShop, what: str, email: str) -> Any:
    """Ours of WordPress's registered exporters or erasers, as the tool calls it."""
    return shop.run(
        "$all = apply_filters( 'wp_privacy_personal_data_' . $what, array() );"
        "return call_user_func( $all['relance']['callback'], $email, 1 );",
        what=what,
        email=email,
    )


def test_an_export_tells_all_of_one_person_and_nothing_of_another(
    relance_shop: RelanceShop,
) -> None:
    left_by(relance_shop, EMAIL)
    left_by(relance_shop, "other@example.com")
    relance_shop.receiver.privacy = HELD
    told = tool(relance_shop, "exporters", EMAIL.upper())
    assert told["done"] is True
    values = [pair["value"] for item in told["data"] for pair in item["data"]]
    assert f"email: {EMAIL}, country: FR, first_name: Zoé" in values
    assert any("T-shirt" in value for value in values) and "2026-11-20" in values
    assert "127.0.0.1" in values
    assert "other@example.com" not in json.dumps(told)
    (post,) = relance_shop.receiver.posts
    assert post.path.endswith("/privacy")
    assert post.told == {"version": 1, "kind": "export", "email": EMAIL.upper()}


def test_an_account_that_left_only_a_phone_is_found_by_its_e_mail(
    relance_shop: RelanceShop,
) -> None:
    visitor = Visitor(relance_shop, relance_shop.somebody("customer"))
    visitor.put(relance_shop.shirt.id)
    visitor.config()
    visitor.agree()
    relance_shop.receiver.privacy = {"groups": []}
    told = tool(relance_shop, "exporters", "customer@example.com")
    assert PHONE in json.dumps(told)


def test_an_erasure_empties_the_rows_at_once_and_the_service_hears_of_it(
    relance_shop: RelanceShop,
) -> None:
    visitor = left_by(relance_shop, EMAIL)
    left_by(relance_shop, "other@example.com")
    relance_shop.send()
    relance_shop.receiver.privacy = {"removed": 4, "retained": 1, "words": "One stop is kept."}
    done = tool(relance_shop, "erasers", EMAIL)
    assert done == {
        "items_removed": True,
        "items_retained": True,
        "messages": ["Relance: One stop is kept."],
        "done": True,
    }
    erased, other = relance_shop.carts()
    assert erased["contact"] == [] and erased["forget"] == 1
    assert other["contact"]["email"] == "other@example.com"
    assert EMAIL not in json.dumps(relance_shop.carts())
    relance_shop.send()
    assert [row["cart_key"] for row in relance_shop.carts()] == [other["cart_key"]]
    told = {cart["key"]: cart.get("forget") for cart in relance_shop.receiver.carts()}
    assert told[str(visitor.key())] is True


def test_an_erasure_that_the_service_did_not_hear_says_so(relance_shop: RelanceShop) -> None:
    left_by(relance_shop, EMAIL)
    relance_shop.receiver.go_away()
    done = tool(relance_shop, "erasers", EMAIL)
    assert done["items_removed"] and done["items_retained"]
    assert "erase again later" in done["messages"][0]
    assert EMAIL not in json.dumps(relance_shop.carts())


def test_the_consents_go_with_an_orders_person(relance_shop: RelanceShop) -> None:
    meta = relance_shop.php(
        "return apply_filters( 'woocommerce_privacy_remove_order_personal_data_meta', array() );"
    )
    assert "_relance_consents" in meta


def test_the_guide_for_the_policy_has_our_text(relance_shop: RelanceShop) -> None:
    page = Visitor(relance_shop, "admin").get("/wp-admin/options-privacy.php?tab=policyguide").text
    assert "relance_declined" in page and "Relance service that works for us" in page


# -- the end ---------------------------------------------------------------------------------

LEFT = """
global $wpdb;
$found = array();
foreach ( $wpdb->get_col( 'SHOW TABLES' ) as $table ) {
    if ( 0 !== strpos( $table, $wpdb->prefix ) ) {
        continue; // Notes of the drop-in for SQLite.
    }
    if ( 0 === strpos( $table, $wpdb->prefix . 'relance' ) ) {
        $found[] = $table;
    }
    foreach ( (array) $wpdb->get_results( "SELECT * FROM `{$table}`", ARRAY_A ) as $row ) {
        if ( false !== stripos( wp_json_encode( $row ), 'relance' ) ) {
            $found[] = $table . ' ' . substr( wp_json_encode( $row ), 0, 300 );
        }
    }
}
return $found;
"""


# The tables as Action Scheduler has them, as far as the stand-in has not.
ACTION_SCHEDULER = """
global $wpdb;
$of = $wpdb->prefix . 'actionscheduler_';
$wpdb->suppress_errors();
$wpdb->query( "ALTER TABLE {$of}actions ADD COLUMN group_id bigint(20) NOT NULL DEFAULT 7" );
$wpdb->query( "CREATE TABLE IF NOT EXISTS {$of}logs (log_id bigint(20), action_id bigint(20), message text)" );
$wpdb->query( "CREATE TABLE IF NOT EXISTS {$of}groups (group_id bigint(20), slug varchar(255))" );
$wpdb->query( "INSERT INTO {$of}groups (group_id, slug) VALUES (7, 'relance')" );
$wpdb->query( "INSERT INTO {$of}logs (log_id, action_id, message) SELECT action_id, action_id, CONCAT('ran ', hook) FROM {$of}actions" );
$wpdb->suppress_errors( false );
return 1;
"""  # noqa: E501


@pytest.fixture
def doomed() -> Iterator[RelanceShop]:
    """A shop of its own, in which everything has happened."""
    running = Running.start()
    shop = running.shop
    shop.begin({"on": True, "mode": "notice"})
    shop.coupon("mine", amount="2")
    visitor = left_by(shop, EMAIL)
    shop.send()
    visitor.order_classic(relance_email="1")
    left_by(shop, "late@example.com").order_block()
    merchant = Visitor(shop, "admin")
    merchant.press("relance_test")
    merchant.get("/wp-admin/options-privacy.php?tab=policyguide")
    shop.php(
        "set_transient( 'relance_pairing', 'x', 300 ); set_transient( 'relance_told_1', 'y', 300 );"
        "Relance_Requests::add( 'requests', array( 'kind' => 'order_news' ) );"
        "update_user_meta( 1, 'relance_sms_consent', 'yes 2026-11-20T14:00:00Z' );"
        "update_user_meta( 1, 'relance_email_consent', 'no 2026-11-20T14:00:00Z' ); return 1;"
    )
    shop.php(ACTION_SCHEDULER)
    yield shop
    running.end()


def test_after_uninstalling_nothing_of_it_is_in_the_database(doomed: RelanceShop) -> None:
    before = doomed.php(LEFT)
    wanted = ("relance_carts", "relance_requests", "relance_link", "relance_send", "_relance_cart")
    wanted += ("_relance_consents", "relance_sms_consent", "relance_email_consent")
    assert all(any(name in row for row in before) for name in wanted)
    said = len(doomed.log())
    doomed.uninstall(PLUGIN)
    left = [row for row in doomed.php(LEFT) if not is_somebody_elses(row)]
    assert left == [], "\n".join(left)
    assert [post.path.rpartition("/")[2] for post in doomed.receiver.posts][-1:] == ["gone"]
    assert doomed.receiver.forged == []
    assert len(doomed.orders()) == 2  # the orders themselves stay
    remarks = doomed.log()[said:].splitlines()
    assert [line for line in remarks if "sqlite-database-integration" not in line] == []


def is_somebody_elses(row: str) -> bool:
    """The cart's key ends with WooCommerce's session, after two days. WordPress notes by itself
    what a plugin proposed for the privacy policy, and that it is gone."""
    return row.startswith("wp_woocommerce_sessions ") or "_wp_suggested_privacy_policy" in row


def test_switching_it_off_keeps_everything_for_later(relance_shop: RelanceShop) -> None:
    left_by(relance_shop, EMAIL)
    relance_shop.deactivate(PLUGIN)
    try:
        page = relance_shop.visitor(relance_shop.shirt).get("/checkout/").text
        assert "relance" not in page
    finally:
        relance_shop.activate(PLUGIN)
    assert relance_shop.cart()["contact"]["email"] == EMAIL
    assert relance_shop.php("return Relance_Link::is_paired();") is True
    assert [one["status"] for one in relance_shop.actions("relance_send")].count("pending") == 1
