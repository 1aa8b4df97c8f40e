"""What the stand-in Shopify answers to a query: schema, cost, access, lists."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.standins.shopify import StandInShop, StandInShopify
from tests.standins.shopify.visitors import NAMES, Caller, Clock

SMALL = "{abandonedCheckouts(first:%d){nodes{id customer{id} totalPriceSet{shopMoney{amount}}}}}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stand_in(clock: Clock) -> Iterator[StandInShopify]:
    with StandInShopify(now=clock, retry_scale=0.0) as running:
        yield running


@pytest.fixture
def shop(stand_in: StandInShopify) -> StandInShop:
    return stand_in.add_shop()


@pytest.fixture
def ask(stand_in: StandInShopify, shop: StandInShop) -> Iterator[Caller]:
    with Caller(stand_in, shop) as caller:
        yield caller


# -- the schema ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "{abandonedCheckouts(first:1){nodes{token}}}",
        "{abandonedCheckouts(first:1){nodes{email}}}",
        "{abandonedCheckouts(first:1,sortKey:UPDATED_AT){nodes{id}}}",
        "{orders(first:1){nodes{id}}",
        'mutation{discountCodeBasicCreate(basicCodeDiscount:{startsAt:"soon"}){userErrors{field}}}',
        "mutation{discountCodeBasicCreate(basicCodeDiscount:{nope:1}){userErrors{field}}}",
    ],
)
def test_what_the_official_schema_lacks_is_refused(ask: Caller, query: str) -> None:
    said = ask(query)
    assert said["errors"]
    assert "data" not in said


@pytest.mark.parametrize(
    "query",
    [
        "{publicApiVersions{handle}}",
        "{shop{weightUnit}}",
        '{orders(first:1,query:"gateway:bogus"){nodes{id}}}',
        "{orders(first:1,sortKey:DESTINATION){nodes{id}}}",
    ],
)
def test_what_the_stand_in_lacks_is_said_plainly(ask: Caller, query: str) -> None:
    assert "not modelled by the stand-in" in ask(query)["errors"][0]["message"]


def test_a_checkout_shows_its_customer_but_no_token_of_its_own(
    ask: Caller, shop: StandInShop
) -> None:
    made = shop.add_checkout(email="ada@example.test", first_name="Ada")
    query = "{abandonedCheckouts(first:1){nodes{name customer{defaultEmailAddress{emailAddress}}}}}"
    [node] = ask(query)["data"]["abandonedCheckouts"]["nodes"]
    assert node["name"] == made.name
    assert node["customer"]["defaultEmailAddress"]["emailAddress"] == "ada@example.test"


def test_one_person_is_one_customer_and_a_guest_none(ask: Caller, shop: StandInShop) -> None:
    first = shop.add_checkout(email="ada@example.test", buyer_accepts_marketing=True)
    again = shop.add_checkout(email="ADA@example.test")
    guest = shop.add_checkout(email="ada@example.test", guest=True)
    assert (again.customer_id, guest.customer_id) == (first.customer_id, None)
    query = "{abandonedCheckouts(first:3){nodes{customer{id defaultEmailAddress{marketingState}}}}}"
    nodes = ask(query)["data"]["abandonedCheckouts"]["nodes"]
    assert nodes[0]["customer"]["defaultEmailAddress"]["marketingState"] == "SUBSCRIBED"
    assert nodes[0] == nodes[1]
    assert nodes[2] == {"customer": None}


def test_a_checkout_without_contact_is_not_listed(ask: Caller, shop: StandInShop) -> None:
    shop.add_checkout()
    assert ask.names("") == []


@pytest.mark.parametrize(
    ("currency", "price", "shown"),
    [("EUR", "19.90", "19.9"), ("JPY", "1980", "1980.0"), ("KWD", "1.250", "1.25")],
)
def test_amounts_are_written_as_graphql_writes_them(
    ask: Caller, shop: StandInShop, currency: str, price: str, shown: str
) -> None:
    shop.add_checkout([{"title": "Tea", "price": price}], email="a@example.test", currency=currency)
    [node] = ask(SMALL % 1)["data"]["abandonedCheckouts"]["nodes"]
    assert node["totalPriceSet"]["shopMoney"]["amount"] == shown


def test_an_order_names_the_app_that_made_it(ask: Caller, shop: StandInShop) -> None:
    shop.add_order(source_name="shopify_draft_order")
    shop.add_order()
    said = ask("{orders(first:2,sortKey:ID){nodes{sourceName app{name}}}}")
    names = [node["app"]["name"] for node in said["data"]["orders"]["nodes"]]
    assert names == ["Draft Orders", "Online Store"]


# -- cost ------------------------------------------------------------------------------------


def test_a_query_costs_its_objects_and_gives_back_what_it_did_not_use(
    ask: Caller, shop: StandInShop
) -> None:
    shop.add_checkout(email="ada@example.test")
    cost = ask(SMALL % 10)["extensions"]["cost"]
    assert cost["requestedQueryCost"] == 2 + 10 * (1 + 1 + 2)
    assert cost["actualQueryCost"] == 2 + 1 + 1 + 2
    assert cost["throttleStatus"] == {
        "maximumAvailable": 2000.0,
        "currentlyAvailable": 1994.0,
        "restoreRate": 100.0,
    }


def test_a_fragment_and_a_variable_count_like_what_they_stand_for(ask: Caller) -> None:
    query = "query($n:Int){orders(first:$n){...some}} fragment some on OrderConnection{nodes{id}}"
    assert ask(query, n=7)["extensions"]["cost"]["requestedQueryCost"] == 2 + 7


def test_a_mutation_costs_ten(ask: Caller) -> None:
    said = ask('mutation{discountCodeDeactivate(id:"x"){codeDiscountNode{id}}}')
    assert said["extensions"]["cost"]["actualQueryCost"] == 10


def test_a_query_over_a_thousand_points_is_refused(ask: Caller, shop: StandInShop) -> None:
    [error] = ask(SMALL % 250)["errors"]
    assert error["extensions"]["code"] == "MAX_COST_EXCEEDED"
    assert error["extensions"]["cost"] == 1002
    assert shop.bucket.available == 2000


def test_an_empty_bucket_throttles_and_fills_with_time(
    ask: Caller, shop: StandInShop, clock: Clock
) -> None:
    shop.bucket.drain()
    said = ask(SMALL % 10)
    assert said["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert "data" not in said
    assert said["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 0
    clock.forward(0.42)
    assert "errors" not in ask(SMALL % 10)


# -- access ----------------------------------------------------------------------------------


def test_a_missing_scope_is_access_denied_with_null(stand_in: StandInShopify) -> None:
    narrow = stand_in.add_shop("narrow.myshopify.com", scopes=["write_orders"])
    ask = Caller(stand_in, narrow)
    narrow.add_checkout(email="ada@example.test")
    said = ask("{customers(first:1){nodes{id}}}")
    assert said["data"] is None
    assert said["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
    said = ask("{abandonedCheckouts(first:1){nodes{id customer{id}}}}")  # writing implies reading
    assert said["data"]["abandonedCheckouts"]["nodes"][0]["customer"] is None
    assert said["errors"][0]["path"] == ["abandonedCheckouts", "nodes", 0, "customer"]
    ask.session.close()


def test_unapproved_customer_data_is_null_with_errors(ask: Caller, shop: StandInShop) -> None:
    where = {"first_name": "Ada", "country_code": "DE", "phone": "+491511"}
    shop.add_order(email="ada@example.test", billing_address=where)
    shop.approve(False)
    said = ask("{orders(first:1){nodes{name email customer{id} billingAddress{phone country}}}}")
    [order] = said["data"]["orders"]["nodes"]
    assert (order["name"], order["email"], order["customer"]) == ("#1001", None, None)
    assert order["billingAddress"] == {"phone": None, "country": "Germany"}
    assert {e["extensions"]["code"] for e in said["errors"]} == {"ACCESS_DENIED"}
    assert len(said["errors"]) == 3


def test_orders_older_than_sixty_days_need_a_scope_of_their_own(
    ask: Caller, shop: StandInShop, clock: Clock
) -> None:
    shop.add_order()
    clock.forward(61 * 86400)
    ask.token = shop.install()["access_token"]
    assert ask("{orders(first:5){nodes{id}}}")["data"]["orders"]["nodes"] == []
    ask.token = shop.install(scopes=["read_orders", "read_all_orders"])["access_token"]
    assert len(ask("{orders(first:5){nodes{id}}}")["data"]["orders"]["nodes"]) == 1


# -- lists -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", "abc"),
        ("updated_at:>=2026-08-01T12:01:00Z", "bc"),
        ("updated_at:>'2026-08-01T12:01:00Z'", "c"),
        ('updated_at:<"2026-08-01T14:02:00+02:00"', "ab"),
        ("created_at:>=2026-08-01T12:00:30Z created_at:<=2026-08-01T12:01:30Z", "b"),
        ("created_at:2026-08-01T12:00:00Z..2026-08-01T12:01:00Z", "ab"),
        ("created_at:>2026-08-01T12:02:29Z", "c"),
        ("recovery_state:recovered", "b"),
        ("recovery_state:not_recovered AND status:open", "ac"),
        ("recovery_state:recovered OR updated_at:>=2026-08-01T12:02:00Z", "bc"),
        ("NOT recovery_state:recovered", "ac"),
        ("-(recovery_state:recovered OR updated_at:>=2026-08-01T12:02:00Z)", "a"),
        ("id:981820079255000000", "a"),
        ("email_state:sent", ""),
        ("status:closed", ""),
        ("lovelace", "a"),
        ("updated_at:>=rubbish", ""),
    ],
)
def test_the_search_syntax_finds(
    ask: Caller, shop: StandInShop, clock: Clock, search: str, found: str
) -> None:
    a = shop.add_checkout(email="a@example.test", last_name="Lovelace")
    clock.forward(60)
    b = shop.add_checkout(email="b@example.test")
    shop.complete_checkout(b.id)
    clock.forward(90)
    c = shop.add_checkout(email="c@example.test")
    assert ask.names(search) == [{"a": a, "b": b, "c": c}[one].name for one in found]


def test_orders_are_found_by_the_tokens_of_their_checkout(ask: Caller, shop: StandInShop) -> None:
    checkout = shop.add_checkout(email="a@example.test", discount_codes=[("BACK10", "1.00")])
    order = shop.complete_checkout(checkout.id)
    shop.add_order(email="b@example.test")
    for search in (
        f"checkout_token:{checkout.token} OR cart_token:nothing",
        f"cart_token:'{checkout.cart_token}'",
        "discount_code:back10",
    ):
        query = f"{{orders(first:5,query:{json.dumps(search)}){{nodes{{name checkoutToken}}}}}}"
        [node] = ask(query)["data"]["orders"]["nodes"]
        assert node == {"name": order.name, "checkoutToken": checkout.token}


def test_an_unknown_filter_is_ignored_with_a_warning(ask: Caller, shop: StandInShop) -> None:
    shop.add_checkout(email="a@example.test")
    said = ask(NAMES % '"colour:red"')
    assert len(said["data"]["abandonedCheckouts"]["nodes"]) == 1
    [warning] = said["extensions"]["search"]
    assert warning["warnings"][0]["code"] == "invalid_field"


def test_pages_follow_each_other_even_when_an_order_moves(
    ask: Caller, shop: StandInShop, clock: Clock
) -> None:
    made = []
    for _ in range(5):
        made.append(shop.add_order())
        clock.forward(1)
    page = "{orders(first:2,sortKey:UPDATED_AT%s){nodes{name} pageInfo{hasNextPage endCursor}}}"
    first = ask(page % "")["data"]["orders"]
    assert [n["name"] for n in first["nodes"]] == [o.name for o in made[:2]]
    shop.change_order(made[0].id, note="moved to the end")
    after = json.dumps(first["pageInfo"]["endCursor"])
    second = ask(page % f",after:{after}")["data"]["orders"]
    assert [n["name"] for n in second["nodes"]] == [o.name for o in made[2:4]]
    after = json.dumps(second["pageInfo"]["endCursor"])
    third = ask(page % f",after:{after}")["data"]["orders"]
    assert [n["name"] for n in third["nodes"]] == [made[4].name, made[0].name]
    assert third["pageInfo"]["hasNextPage"] is False


def test_pages_go_backwards_and_wrong_sizes_are_errors(ask: Caller, shop: StandInShop) -> None:
    made = [shop.add_order() for _ in range(4)]
    ids = "{orders(%s,sortKey:ID){nodes{name}}}"
    said = ask(ids % "first:2,reverse:true")["data"]["orders"]["nodes"]
    assert [n["name"] for n in said] == [made[3].name, made[2].name]
    said = ask(ids % "last:2")["data"]["orders"]["nodes"]
    assert [n["name"] for n in said] == [made[2].name, made[3].name]
    page = "{orders(first:2,reverse:true,sortKey:ID%s){nodes{name} pageInfo{endCursor}}}"
    cursor = json.dumps(ask(page % "")["data"]["orders"]["pageInfo"]["endCursor"])
    said = ask(page % f",after:{cursor}")["data"]["orders"]["nodes"]
    assert [n["name"] for n in said] == [made[1].name, made[0].name]
    said = ask(ids % f"last:2,before:{cursor}")["data"]["orders"]["nodes"]
    assert [n["name"] for n in said] == [made[0].name, made[1].name]
    for wrong in ("reverse:true", "first:251", "first:1,after:4"):
        assert ask(ids % wrong)["errors"]


def test_a_list_lags_behind_what_happened(clock: Clock) -> None:
    with StandInShopify(now=clock, index_lag=10) as stand_in:
        shop = stand_in.add_shop()
        ask = Caller(stand_in, shop)
        made = shop.add_checkout(email="a@example.test")
        clock.forward(9)
        assert ask.names("") == []
        clock.forward(1)
        assert ask.names("") == [made.name]
        shop.complete_checkout(made.id)
        assert ask.names("recovery_state:recovered") == []
        clock.forward(10)
        assert ask.names("recovery_state:recovered") == [made.name]
        ask.session.close()
