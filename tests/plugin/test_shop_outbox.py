"""The way from the shop to the service: signed posts over real HTTP, in any weather."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from recovery.model import ParcelNews, TextRequest
from tests.plugin.receiver import DROPPED, HANGS, SHOP_KEY
from tests.plugin.relance_shop import RelanceShop
from tests.plugin.visitor import EMAIL, PHONE, Visitor

pytest_plugins = ["tests.plugin.shop_fixtures"]

# The time of a row follows from its number, a hundred milliseconds from one to the next.
ROWS = """
global $wpdb;
$digits   = '( SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9 )';
$hour     = gmdate( 'Y-m-d H', time() - $age );
$snapshot = array( 'currency' => 'EUR', 'totals' => array( 'total' => '1.00' ), 'lines' => array() );
Relance_Store::save( 'first-of-them', array( 'snapshot' => $snapshot, 'created_at' => "{$hour}:00:00.000", 'changed_at' => "{$hour}:00:00.000", 'waiting' => 1 ) );
$table = Relance_Store::table();
$row   = $wpdb->get_row( "SELECT * FROM {$table} WHERE cart_key = 'first-of-them'", ARRAY_A );
$same  = implode( ', ', array_diff( array_keys( $row ), array( 'cart_key', 'changed_at' ) ) );
$wpdb->query( "INSERT INTO {$table} (cart_key, changed_at, {$same})
    SELECT CONCAT('{$name}-0', a.n, b.n, c.n, d.n), CONCAT('{$hour}:', a.n, b.n, ':0', c.n, '.', d.n, '00'), {$same}
    FROM {$digits} a, {$digits} b, {$digits} c, {$digits} d, {$table} WHERE cart_key = 'first-of-them' AND 1000 * a.n + 100 * b.n + 10 * c.n + d.n < {$count}" );
$wpdb->query( "DELETE FROM {$table} WHERE cart_key = 'first-of-them'" );
Relance_Outbox::schedule();
return Relance_Store::count_waiting();
"""  # noqa: E501


def waiting_rows(shop: RelanceShop, count: int, name: str = "old-cart", age: int = 9000) -> None:
    """So many carts that wait, the first of them `age` seconds old."""
    assert shop.run(ROWS, count=count, name=name, age=age) >= count


def next_run(shop: RelanceShop) -> int:
    """When the next run is due, in Unix seconds; 0 when none waits."""
    due = [
        int(one["scheduled"]) for one in shop.actions("relance_send") if one["status"] == "pending"
    ]
    assert len(due) <= 1, "one run that waits is enough"
    return due[0] if due else 0


def seconds(moment: str) -> float:
    """A stored time as Unix seconds."""
    return datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()


def settings_page(shop: RelanceShop) -> str:
    """What the merchant reads."""
    return Visitor(shop, "admin").get("/wp-admin/admin.php?page=relance").text


def test_a_cart_arrives_as_our_service_reads_it(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt, 2)
    visitor.agree(email=EMAIL, first_name="Zoé", consents={"sms": True, "email": True})
    relance_shop.send()
    (post,) = relance_shop.receiver.posts
    assert post.path == f"/app/hooks/woocommerce/{SHOP_KEY}/carts"
    assert post.headers["User-Agent"].startswith("Relance-WordPress/1.")
    assert post.headers["Content-Type"] == "application/json"
    (cart,) = post.carts
    row = relance_shop.cart()
    assert cart.key == f"cart:{row['cart_key']}"
    assert (cart.currency, cart.totals.subtotal) == ("EUR", Decimal("50.00"))
    assert (cart.lines[0].quantity, cart.lines[0].unit_price) == (2, Decimal("25.00"))
    shopper = cart.shopper
    assert (shopper.phone, shopper.email, shopper.first_name) == (PHONE, EMAIL, "Zoé")
    assert [(one.channel.value, one.address, one.granted) for one in shopper.consents] == [
        ("sms", PHONE, True),
        ("email", EMAIL, True),
    ]
    assert cart.way_back and cart.way_back.startswith(f"{relance_shop.url}/?relance_restore=")
    assert cart.locale == "en_US" and "Firefox" in (cart.user_agent or "")
    assert b"restore" not in post.body.replace(b"restore_url", b"").replace(b"relance_restore", b"")
    assert (row["waiting"], row["attempts"]) == (0, 0) and row["sent_at"]
    assert relance_shop.state()["sent_at"]


def test_nothing_leaves_while_a_shopper_waits(relance_shop: RelanceShop) -> None:
    relance_shop.receiver.weather = [HANGS]  # whoever asked it now would wait for long
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree()
    visitor.change(2)
    visitor.get("/checkout/")
    visitor.capture({"consents": {"sms": False}})
    visitor.order_classic()
    settings_page(relance_shop)
    assert relance_shop.receiver.posts == []


def test_somebody_who_types_becomes_one_post(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    for end in range(5, 10):
        visitor.agree(phone=PHONE[: end + 3])
    assert next_run(relance_shop) > 0
    relance_shop.send()
    assert len(relance_shop.receiver.posts) == 1
    assert len(relance_shop.receiver.carts()) == 1


def test_a_service_that_is_away_gets_it_when_it_is_back(relance_shop: RelanceShop) -> None:
    relance_shop.visitor(relance_shop.shirt).agree()
    relance_shop.receiver.go_away()
    relance_shop.send()
    row, state = relance_shop.cart(), relance_shop.state()
    assert (row["waiting"], row["attempts"]) == (1, 1)
    assert (state["failures"], state["code"]) == (1, "relance_away")
    assert "could not be reached" in settings_page(relance_shop)
    relance_shop.receiver.come_back()
    relance_shop.send()
    assert (relance_shop.cart()["waiting"], relance_shop.cart()["attempts"]) == (0, 0)
    assert [cart["key"] for cart in relance_shop.receiver.carts()] == [row["cart_key"]]
    assert relance_shop.state()["failures"] == 0 and relance_shop.state()["error"] == ""
    assert next_run(relance_shop) == 0


def test_what_somebody_else_answers_marks_nothing_as_sent(relance_shop: RelanceShop) -> None:
    relance_shop.visitor(relance_shop.shirt).agree()
    relance_shop.receiver.is_ours = False
    relance_shop.send()
    assert [post.answer for post in relance_shop.receiver.posts] == [200]
    row, state = relance_shop.cart(), relance_shop.state()
    assert (row["waiting"], row["sent_at"], row["attempts"]) == (1, "", 1)
    assert (state["code"], state["failures"]) == ("relance_stranger", 1)
    assert "Something else answers" in settings_page(relance_shop)
    assert "Something else answers" in Visitor(relance_shop, "admin").press("relance_test")
    relance_shop.receiver.privacy = {"removed": 1, "retained": 0, "words": ""}
    erased = relance_shop.php("return Relance_Privacy::erase( 'a@example.com' );")
    assert erased["items_retained"] and "erase again later" in erased["messages"][0]
    relance_shop.receiver.is_ours = True
    relance_shop.send()
    assert relance_shop.cart()["waiting"] == 0 and relance_shop.state()["error"] == ""


def test_it_is_tried_again_after_one_two_five_and_five_minutes(relance_shop: RelanceShop) -> None:
    relance_shop.visitor(relance_shop.shirt).agree()
    relance_shop.receiver.weather = [500, 503, 502, 500, 500]
    waits = []
    for _ in range(5):
        relance_shop.send()
        waits.append(next_run(relance_shop) - seconds(relance_shop.state()["error_at"]))
    assert [round(wait / 60) for wait in waits] == [1, 2, 5, 5, 5]
    assert (relance_shop.state()["failures"], relance_shop.cart()["attempts"]) == (5, 5)
    relance_shop.visitor(relance_shop.shirt).agree()  # a new cart is no reason to hurry
    assert next_run(relance_shop) - seconds(relance_shop.state()["error_at"]) > 240


@pytest.mark.parametrize(
    ("weather", "code", "words"),
    [
        (401, "relance_unsigned", "does not accept this shop"),
        (404, "relance_status", "answered with status 404"),
        (302, "relance_status", "answered with status 302"),
        (500, "relance_status", "The service has a problem"),
        (DROPPED, "relance_away", "could not be reached"),
        (HANGS, "relance_away", "could not be reached"),
    ],
)
def test_whatever_goes_wrong_the_cart_stays_and_arrives_later(
    relance_shop: RelanceShop, weather: int | str, code: str, words: str
) -> None:
    relance_shop.set_options(aside_time_out=0.5)
    relance_shop.visitor(relance_shop.shirt).agree()
    relance_shop.receiver.weather = [weather]
    relance_shop.send()
    assert relance_shop.cart()["waiting"] == 1
    assert relance_shop.state()["code"] == code
    assert words in settings_page(relance_shop)
    relance_shop.send()
    first, second = relance_shop.receiver.posts
    assert first.body == second.body and first.nonce != second.nonce
    assert relance_shop.cart()["waiting"] == 0


def test_a_redirect_is_not_followed_with_a_signed_body(relance_shop: RelanceShop) -> None:
    relance_shop.visitor(relance_shop.shirt).agree()
    relance_shop.receiver.weather = [307]  # "post it there instead"
    relance_shop.send()
    assert len(relance_shop.receiver.posts) == 1


def test_a_cart_that_changes_while_it_is_sent_is_sent_again(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree()
    relance_shop.receiver.during = lambda: visitor.change(4)
    relance_shop.send()
    quantities = [cart["lines"][0]["quantity"] for cart in relance_shop.receiver.carts()]
    assert quantities == [1, 4]
    first, second = (cart["changed_at"] for cart in relance_shop.receiver.carts())
    assert first < second
    assert relance_shop.cart()["waiting"] == 0


def test_two_runs_at_once_do_no_harm(relance_shop: RelanceShop) -> None:
    waiting_rows(relance_shop, 30)
    relance_shop.receiver.during = lambda: relance_shop.php("Relance_Outbox::send(); return 1;")
    relance_shop.send()
    keys = {cart["key"] for cart in relance_shop.receiver.carts()}
    assert keys == {f"old-cart-{n:05d}" for n in range(30)}
    assert relance_shop.php("return Relance_Store::count_waiting();") == 0
    assert relance_shop.state()["failures"] == 0


# -- the line ---------------------------------------------------------------------------------


def test_what_erases_goes_first_then_the_oldest_twenty_a_post(relance_shop: RelanceShop) -> None:
    waiting_rows(relance_shop, 45)
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree()
    key = visitor.key()
    visitor.capture({"declined": True})
    relance_shop.send()
    posts = relance_shop.receiver.posts
    assert [len(post.told["carts"]) for post in posts] == [20, 20, 6]
    keys = [cart["key"] for cart in relance_shop.receiver.carts()]
    assert keys == [key, *(f"old-cart-{n:05d}" for n in range(45))]
    assert [(one.keys, one.forget) for one in posts[0].gone] == [((f"cart:{key}",), True)]


def test_the_line_is_bounded_and_keeps_the_oldest(relance_shop: RelanceShop) -> None:
    known = relance_shop.visitor(relance_shop.shirt)
    known.agree()
    waiting_rows(relance_shop, 4999)
    assert relance_shop.visitor(relance_shop.shirt).agree().status_code == 204
    assert relance_shop.state()["dropped"] == 1
    assert known.agree(first_name="Zoé").status_code == 200  # it has its place already
    count = "return Relance_Store::count_waiting();"
    assert relance_shop.php(count) == 5000
    assert ">1<" in settings_page(relance_shop)
    assert known.capture({"declined": True}).status_code == 200  # an erasure always has one
    assert relance_shop.php("return Relance_Store::waiting( 1 )[0]['forget'];") == 1
    relance_shop.receiver.weather = [500]
    relance_shop.send()
    first = relance_shop.receiver.posts[0].told["carts"]
    assert [cart["key"] for cart in first[1:3]] == ["old-cart-00000", "old-cart-00001"]


def test_what_waited_for_a_week_is_given_up_and_counted(relance_shop: RelanceShop) -> None:
    waiting_rows(relance_shop, 3, age=8 * 86400)
    waiting_rows(relance_shop, 2, "new-cart", age=6 * 86400)
    relance_shop.php("do_action( 'relance_tidy' ); return true;")
    assert relance_shop.php("return Relance_Store::count_waiting();") == 2
    assert relance_shop.state()["dropped"] == 3
    assert next_run(relance_shop) > 0


def test_what_is_over_is_dropped_and_an_orders_contact_after_a_day(
    relance_shop: RelanceShop,
) -> None:
    over, ordered = (
        relance_shop.visitor(relance_shop.shirt),
        relance_shop.visitor(relance_shop.shirt),
    )
    over.agree()
    key = over.key()
    ordered.agree()
    ordered.order_classic()
    relance_shop.send()
    relance_shop.run(
        """
        global $wpdb; $table = Relance_Store::table();
        $wpdb->query( $wpdb->prepare( "UPDATE {$table} SET expires_at = %s WHERE cart_key = %s", Relance_Store::now( -5 ), $key ) );
        $wpdb->query( $wpdb->prepare( "UPDATE {$table} SET changed_at = %s WHERE cart_key <> %s", Relance_Store::now( -86500 ), $key ) );
        do_action( 'relance_tidy' );
        return true;
        """,  # noqa: E501
        key=key,
    )
    row = relance_shop.cart()
    assert (row["contact"], row["consents"], row["ip"], row["email_hash"]) == ([], [], "", "")
    assert row["order_id"] > 0


def test_too_much_for_a_proxy_is_sent_one_by_one_and_only_the_giant_is_lost(
    relance_shop: RelanceShop,
) -> None:
    waiting_rows(relance_shop, 3)
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree(first_name="Z" * 90, last_name="Y" * 90, state="X" * 60)
    giant = visitor.key()
    relance_shop.receiver.largest = 900
    for _ in range(4):
        relance_shop.send()
    arrived = [cart["key"] for cart in relance_shop.receiver.carts()]
    assert arrived == [f"old-cart-{n:05d}" for n in range(3)]
    assert giant not in arrived
    state = relance_shop.state()
    assert (state["dropped"], state["one_by_one"]) == (1, False)
    assert relance_shop.php("return Relance_Store::count_waiting();") == 0


def test_a_row_that_nobody_could_read_does_not_hold_up_the_others(
    relance_shop: RelanceShop,
) -> None:
    waiting_rows(relance_shop, 2)
    relance_shop.php(
        "Relance_Store::save( 'broken-cart-1', array( 'changed_at' => '2026-01-02 00:00:00.000',"
        " 'snapshot' => array(), 'waiting' => 1 ) ); return true;"
    )
    relance_shop.send()
    assert len(relance_shop.receiver.carts()) == 2
    assert relance_shop.php("return Relance_Store::count_waiting();") == 0


def test_requests_and_parcels_travel_with_the_carts(relance_shop: RelanceShop) -> None:
    relance_shop.visitor(relance_shop.shirt).agree()
    order = relance_shop.staff_order(billing={"email": EMAIL}, status="processing")
    relance_shop.run(
        """
        foreach ( array( 'shipped', 'shipped', 'lost', 'delivered' ) as $stage ) {
            do_action( 'relance_parcel', $order, $stage, 'https://track.example/1?a=b', 'Colissimo' );
        }
        do_action( 'relance_parcel', 999999, 'shipped' );
        Relance_Requests::add( 'requests', array( 'kind' => 'order_news', 'phone' => '+33612345678', 'country' => 'FR', 'at' => gmdate( 'Y-m-d\\TH:i:s\\Z' ), 'words' => 'Text me.', 'locale' => 'fr_FR', 'withdrawn' => false ) );
        return Relance_Requests::count_waiting();
        """,  # noqa: E501
        order=order,
    )
    relance_shop.send()
    (post,) = relance_shop.receiver.posts
    assert len(post.carts) == 1
    parcels = [one for one in post.seen if isinstance(one, ParcelNews)]
    assert [one.stage.value for one in parcels] == ["shipped", "delivered"]
    assert [one.phone for one in post.seen if isinstance(one, TextRequest)] == [PHONE]
    bodies = {row["body"] for row in relance_shop.rows("relance_requests") or []}
    assert bodies == {""}  # what the service has is emptied here


# -- connecting -------------------------------------------------------------------------------


def test_a_code_connects_the_shop_after_the_service_asked_back(relance_shop: RelanceShop) -> None:
    relance_shop.begin(paired=False)
    merchant = Visitor(relance_shop, "admin")
    proof = merchant.get("/?rest_route=/relance/v1/pairing")
    assert proof.status_code == 404
    answer = merchant.press(
        "relance_pair", code=f"{relance_shop.receiver.address}/pair/a-code-12345"
    )
    assert "This shop is connected with 127.0.0.1" in answer
    (post,) = relance_shop.receiver.posts
    assert (post.path, post.answer) == ("/app/pair", 200)
    assert post.told["address"] == relance_shop.url
    relance_shop.visitor(relance_shop.shirt).agree()
    relance_shop.send()
    assert len(relance_shop.receiver.carts()) == 1
    assert merchant.get("/?rest_route=/relance/v1/pairing").status_code == 404


def test_a_code_of_somebody_who_is_no_service_connects_nothing(relance_shop: RelanceShop) -> None:
    relance_shop.begin(paired=False)
    relance_shop.receiver.is_ours = False
    merchant = Visitor(relance_shop, "admin")
    code = f"{relance_shop.receiver.address}/pair/a-code-12345"
    assert "Something else answers" in merchant.press("relance_pair", code=code)
    assert relance_shop.php("return Relance_Link::is_paired();") is False


def test_a_service_elsewhere_needs_https(relance_shop: RelanceShop) -> None:
    relance_shop.begin(paired=False)
    merchant = Visitor(relance_shop, "admin")
    answer = merchant.press("relance_pair", code="http://relance.example/pair/a-code-12345")
    assert "has to be reached over https" in answer


def test_disconnecting_erases_what_lies_here_and_stops(relance_shop: RelanceShop) -> None:
    relance_shop.visitor(relance_shop.shirt).agree()
    merchant = Visitor(relance_shop, "admin")
    merchant.press("relance_unpair", sure="1")
    assert relance_shop.carts() == []
    assert relance_shop.option("relance_link") is None
    relance_shop.send()
    assert relance_shop.receiver.posts == []
    assert relance_shop.visitor(relance_shop.shirt).capture({"phone": PHONE}).status_code == 204


def test_the_test_button_asks_with_an_empty_post(relance_shop: RelanceShop) -> None:
    merchant = Visitor(relance_shop, "admin")
    assert "All is well" in merchant.press("relance_test")
    assert relance_shop.receiver.posts[0].told == {"version": 1, "carts": []}
    relance_shop.receiver.weather = [401]
    assert "clock of one of the two machines" in merchant.press("relance_test")
