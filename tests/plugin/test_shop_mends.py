"""Messages that overtake each other, a full queue, numbers of a wrong length, floods, a move."""

from __future__ import annotations

import re
from typing import Any

import phonenumbers
import pytest
from phonenumbers import PhoneMetadata

from tests.plugin.relance_shop import RelanceShop
from tests.plugin.test_shop_box import Asker
from tests.plugin.visitor import EMAIL, PHONE, Visitor, held_capture

pytest_plugins = ["tests.plugin.shop_fixtures"]

PAGE = "page_0123-ABCDef"


# -- an order that this cart was not made into -------------------------------------------------


def test_paying_an_order_of_the_staff_leaves_the_open_cart(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree()
    before, key = relance_shop.cart(), visitor.key()
    order = relance_shop.staff_order(
        products={relance_shop.mug.variations[0]: 1}, billing={"email": EMAIL}, status="pending"
    )
    assert visitor.get(f"/?aside_pay={order}").status_code == 200
    assert relance_shop.cart() == before and visitor.key() == key
    meta = relance_shop.run("return wc_get_order( $id )->get_meta( '_relance_cart' );", id=order)
    assert meta == ""
    own = visitor.order_block()
    assert relance_shop.cart()["order_id"] == own


# -- messages that overtake each other ---------------------------------------------------------


def test_a_message_that_was_overtaken_changes_nothing(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    assert visitor.agree(page=PAGE, n=2, first_name="New").status_code == 200
    before = relance_shop.cart()
    for count in (2, 1):
        late = visitor.agree(page=PAGE, n=count, phone="+33600000000", first_name="Old")
        assert (late.status_code, late.json()) == (200, {"ok": True})
        assert relance_shop.cart() == before
    visitor.agree(page=PAGE, n=3, first_name="Newer")
    assert relance_shop.cart()["contact"]["first_name"] == "Newer"
    visitor.agree(page="another-page", n=1, first_name="Other")
    assert relance_shop.cart()["contact"]["first_name"] == "Other"


def test_a_message_that_brings_nothing_new_counts_too(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree(page=PAGE, n=1)
    visitor.agree(page="another-page", n=5)  # nothing new
    visitor.agree(page="another-page", n=4, phone="+33600000000")
    assert relance_shop.cart()["contact"]["phone"] == PHONE


def test_a_tick_that_comes_after_its_untick_finds_the_no(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    assert visitor.capture({"consents": {"sms": False}, "page": PAGE, "n": 2}).status_code == 204
    assert visitor.agree(page=PAGE, n=1).status_code == 200
    assert [row for row in relance_shop.carts() if row["contact"]] == []
    relance_shop.send()
    assert relance_shop.receiver.carts() == []
    assert visitor.agree(page=PAGE, n=3).status_code == 200  # a newer word
    assert [row["contact"].get("phone") for row in relance_shop.carts() if row["contact"]] == [
        PHONE
    ]


def test_the_mark_of_a_no_outlives_the_carts_row(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree(page=PAGE, n=1)
    visitor.capture({"consents": {"sms": False}, "page": PAGE, "n": 3})
    relance_shop.send()
    assert relance_shop.carts() == []
    assert visitor.agree(page=PAGE, n=2).status_code == 200
    assert relance_shop.carts() == []


def test_a_tick_under_way_is_met_by_the_untick_that_overtakes_it(
    relance_shop: RelanceShop,
) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    tick = {"phone": PHONE, "consents": {"sms": True}, "page": PAGE, "n": 1}
    with held_capture(visitor, tick):
        visitor.capture({"consents": {"sms": False}, "page": PAGE, "n": 2})
    relance_shop.send()
    assert relance_shop.carts() == []
    assert PHONE not in repr([post.body for post in relance_shop.receiver.posts])


def test_a_capture_under_way_gives_way_to_a_later_one(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree(page=PAGE, n=1)
    old = {"phone": "+33600000000", "consents": {"sms": True}, "page": PAGE, "n": 2}
    with held_capture(visitor, old):
        visitor.agree(page=PAGE, n=3, first_name="Zoé")
    assert relance_shop.cart()["contact"]["phone"] == PHONE


@pytest.mark.parametrize(
    "odd",
    [
        {"page": "short", "n": 1},
        {"page": "x" * 33, "n": 1},
        {"page": "not/url-safe", "n": 1},
        {"page": 5, "n": 1},
        {"page": PAGE, "n": "1"},
        {"page": PAGE, "n": -1},
        {"page": PAGE, "n": 1.5},
    ],
)
def test_a_page_of_another_form_is_refused(relance_shop: RelanceShop, odd: dict[str, Any]) -> None:
    assert relance_shop.visitor(relance_shop.shirt).agree(**odd).status_code == 400
    assert relance_shop.carts() == []


def test_a_script_that_counts_nothing_works_as_before(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    key = visitor.key()
    assert visitor.capture({"consents": {"sms": False}}).status_code == 204
    assert relance_shop.carts() == [] and visitor.key() == key
    assert visitor.agree(first_name="A").status_code == visitor.agree().status_code == 200


# -- a full queue ------------------------------------------------------------------------------

FILL = """
global $wpdb;
for ( $hundred = 0; $hundred < 50; $hundred++ ) {
    $rows = array();
    for ( $one = 0; $one < 100; $one++ ) {
        $rows[] = "( 'filled-" . ( $hundred * 100 + $one ) . "', '[]', '[]', '[]', '[]', 1 )";
    }
    $wpdb->query( "INSERT INTO {$wpdb->prefix}relance_carts"
        . ' (cart_key, contact, consents, snapshot, notes, waiting) VALUES '
        . implode( ',', $rows ) );
}
return Relance_Store::count_waiting();
"""


def test_with_a_full_queue_news_of_a_known_cart_is_kept(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree(email=EMAIL, consents={"sms": True, "email": True})
    relance_shop.send()
    assert relance_shop.php(FILL) == 5000
    visitor.capture({"email": EMAIL, "consents": {"sms": False, "email": True}})
    key = visitor.key()
    (row,) = [row for row in relance_shop.carts() if row["cart_key"] == key]
    assert row["contact"] == {"email": EMAIL, "country": "FR"} and row["waiting"] == 1
    order = visitor.order_classic()
    (row,) = [row for row in relance_shop.carts() if row["cart_key"] == key]
    assert row["order_id"] == order
    assert relance_shop.visitor(relance_shop.shirt).agree().status_code == 204
    assert relance_shop.state()["dropped"] == 1


# -- the box -----------------------------------------------------------------------------------


def test_a_number_of_a_wrong_length_is_said_while_it_can_be_mended(
    relance_shop: RelanceShop,
) -> None:
    asker = Asker(relance_shop)
    for phone, country in (
        ("06 12 34 56 7", "FR"),
        ("06 12 34 56 78 9", "FR"),
        ("+33 6 12 34 56", "DE"),
        ("0033612345678901", "FR"),
    ):
        answer = asker.ask(phone=phone, country=country)
        assert (answer.status_code, answer.json()["field"]) == (400, "phone"), phone
    for phone, country in (
        ("06 12 34 56 78", "FR"),
        ("612345678", "FR"),
        ("33612345678", "FR"),
        ("+33 (0)6 12 34 56 78", "DE"),
        ("00491701234567", "FR"),
        ("٠٦١٢٣٤٥٦٧٨", "FR"),
    ):
        assert asker.ask(phone=phone, country=country).status_code == 200, phone


def test_the_table_of_lengths_takes_every_mobile_number_there_is(
    relance_shop: RelanceShop,
) -> None:
    lengths = relance_shop.php("return Relance_Phone_Lengths::OF;")
    assert len(lengths) > 45
    for country, (code, fewest, most) in lengths.items():
        known = PhoneMetadata.metadata_for_region(country, None)
        assert known is not None and str(known.country_code) == code
        real = known.mobile.possible_length or known.general_desc.possible_length
        assert fewest <= min(real) and most >= max(real), country
    numbers = []
    for country in lengths:
        example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
        for form in (
            phonenumbers.PhoneNumberFormat.E164,
            phonenumbers.PhoneNumberFormat.NATIONAL,
            phonenumbers.PhoneNumberFormat.INTERNATIONAL,
        ):
            numbers.append([phonenumbers.format_number(example, form), country])
    refused = relance_shop.run(
        "return array_values( array_filter( $numbers, function ( $one ) {"
        " return ! Relance_Phone_Lengths::fit( $one[0], $one[1] ); } ) );",
        numbers=numbers,
    )
    assert refused == []


def many(shop: RelanceShop, pieces: int, **kept: str) -> None:
    """So many pieces within the hour, from elsewhere but for these marks of the last asker."""
    shop.run(
        "global $wpdb; $table = $wpdb->prefix . 'relance_requests';"
        '$last = $wpdb->get_row( "SELECT * FROM $table ORDER BY id DESC LIMIT 1", ARRAY_A );'
        "for ( $one = 0; $one < $pieces; $one++ ) {"
        " $who = array( 'who' => \"w$one\", 'machine' => \"m$one\", 'phone' => \"p$one\" );"
        " foreach ( $kept as $name ) { $who[ $name ] = $last[ $name ]; }"
        " Relance_Requests::add( 'requests', array( 'kind' => 'order_news' ), '', $who );"
        "} return 1;",
        pieces=pieces,
        kept=list(kept),
    )


@pytest.mark.parametrize(("mark", "most"), [("who", 20), ("machine", 300), ("phone", 20)])
def test_a_shopper_a_machine_and_a_number_have_each_an_end(
    relance_shop: RelanceShop, mark: str, most: int
) -> None:
    asker = Asker(relance_shop)
    assert asker.ask().status_code == 200
    many(relance_shop, most - 2, **{mark: ""})
    assert asker.ask().status_code == 200
    assert asker.ask().status_code == 429


def test_a_number_is_the_same_in_each_writing_and_is_not_kept(relance_shop: RelanceShop) -> None:
    marks = [
        relance_shop.run("return Relance_Requests::asker( $phone, 'FR' );", phone=phone)["phone"]
        for phone in ("06 12 34 56 78", "+33612345678", "0033 6 12.34.56.78", "0612345679")
    ]
    assert len(set(marks[:3])) == 1 and marks[3] != marks[0]
    assert all(re.fullmatch(r"[0-9a-f]{32}", mark) for mark in marks)


def test_a_cart_about_a_subscription_is_not_kept_by_the_box(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    asker = Asker(relance_shop, visitor=visitor)
    relance_shop.set_options(aside_renewal="1")
    answer = asker.ask(kinds=["keep_cart"])
    assert answer.status_code == 400 and "subscription" in answer.json()["message"]
    assert relance_shop.carts() == []


# -- a "no thanks" that got lost ---------------------------------------------------------------


def test_a_lost_no_thanks_is_obeyed_with_the_next_change(relance_shop: RelanceShop) -> None:
    relance_shop.choose(mode="notice")
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.capture({"email": EMAIL})
    relance_shop.send()
    key = visitor.key()
    visitor.session.cookies.set("relance_declined", "1")
    visitor.change(2)
    row = relance_shop.cart()
    assert (row["contact"], row["forget"], row["waiting"]) == ([], 1, 1)
    assert visitor.key() != key


def test_what_was_asked_for_after_a_no_thanks_stays(relance_shop: RelanceShop) -> None:
    relance_shop.choose(mode="notice")
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.session.cookies.set("relance_declined", "1")
    assert Asker(relance_shop, visitor=visitor).ask(kinds=["keep_cart"]).status_code == 200
    visitor.change(2)
    visitor.get("/checkout/")
    row = relance_shop.cart()
    assert (row["contact"]["phone"], row["forget"]) == (PHONE, 0)
    assert row["snapshot"]["lines"][0]["quantity"] == 2


# -- a move, and the first day -----------------------------------------------------------------


def test_after_a_move_an_export_and_an_erasure_say_that_they_are_not_whole(
    relance_shop: RelanceShop,
) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree(phone="", email=EMAIL, consents={"email": True})
    told = relance_shop.run(
        "update_option( 'relance_address', bin2hex( 'before.example' ) );"
        "return array( Relance_Link::has_moved(), Relance_Privacy::export( $email ),"
        " Relance_Privacy::erase( $email ) );",
        email=EMAIL,
    )
    moved, export, erasure = told
    assert moved is True
    assert "Not complete" in str(export)
    assert erasure["items_retained"] is True and "erase again later" in erasure["messages"][0]
    assert relance_shop.receiver.posts == []


def test_the_settings_are_there_before_they_were_saved_once(relance_shop: RelanceShop) -> None:
    rows = relance_shop.php(
        "delete_option( 'relance_settings' ); Relance_Store_Table::install(); global $wpdb;"
        'return $wpdb->get_results( "SELECT option_value, autoload FROM $wpdb->options'
        " WHERE option_name = 'relance_settings'\", ARRAY_A );"
    )
    assert [row["option_value"] for row in rows] == ["a:0:{}"]
    assert rows[0]["autoload"] in ("yes", "on", "auto")
    settings = relance_shop.php("return Relance_Settings::all();")
    assert (settings["on"], settings["mode"], settings["channels"]) == (True, "consent", ["sms"])


def test_what_a_cart_is_filled_with_again_holds_no_price(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree()
    (one,) = relance_shop.cart()["snapshot"]["restore"]
    assert set(one) == {"product_id", "variation_id", "variation", "quantity", "cart_item_data"}


# -- many carts from one machine ---------------------------------------------------------------

ELSEWHERE = {"X_Standin_From": "203.0.113.5"}
PROXY = {"X_Standin_From": "10.0.0.4"}
BEGUN = """
$_SERVER['REMOTE_ADDR'] = '%s';
for ( $n = 0; $n < Relance_Crowd::MOST; $n++ ) {
    Relance_Store::save( "begun-cart-$n", array( 'created_at' => Relance_Store::now( -60 ), 'machine' => Relance_Door::machine() ) );
}
return $n;
"""  # noqa: E501


def test_one_machine_begins_so_many_carts_an_hour_and_no_more(relance_shop: RelanceShop) -> None:
    known = relance_shop.visitor(relance_shop.shirt)
    known.agree()
    assert relance_shop.php(BEGUN % "203.0.113.5") == 600
    stranger = relance_shop.visitor(relance_shop.shirt)
    again = {"phone": "+33699999999", "consents": {"sms": True}}
    assert stranger.capture(again, **ELSEWHERE).status_code == 429
    forwarded = ELSEWHERE | {"X_Forwarded_For": "203.0.113.9", "X_Real_IP": "203.0.113.9"}
    assert stranger.capture(again, **forwarded).status_code == 429
    assert stranger.capture({"declined": True}, **ELSEWHERE).status_code == 200
    assert known.capture(again | {"first_name": "Anna"}, **ELSEWHERE).status_code == 200
    assert known.capture({"consents": {"sms": False}}, **ELSEWHERE).status_code == 200
    office = Visitor(relance_shop, "admin").get("/wp-admin/admin.php?page=relance").text
    assert "New carts refused" in office
    relance_shop.run(
        'global $wpdb; $wpdb->query( "UPDATE {$wpdb->prefix}relance_carts SET created_at ='
        " '2026-01-01 00:00:00.000'\" ); return true;"
    )
    assert relance_shop.visitor(relance_shop.shirt).capture(again, **ELSEWHERE).status_code == 200


def test_a_proxy_that_stands_for_everybody_is_no_crowd(relance_shop: RelanceShop) -> None:
    assert relance_shop.php(BEGUN % "10.0.0.4") == 600
    message = {"phone": "+33699999999", "consents": {"sms": True}}
    shopper = relance_shop.visitor(relance_shop.shirt)
    assert shopper.capture(message, **PROXY).status_code == 200
