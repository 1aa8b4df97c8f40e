"""Which richer forms of a text an account has, as a table."""

from __future__ import annotations

import pytest

from recovery import rich_kinds

US, CANADA, FRANCE, GERMANY = "+12125550123", "+16135550123", "+33612345678", "+4915112345678"


@pytest.mark.parametrize(
    ("words", "kind", "sender", "recipient", "may"),
    [
        ("mms", "mms", "+12015550123", US, True),
        ("mms", "mms", "+12015550123", CANADA, True),
        ("mms", "mms", "12345", US, True),  # a short code
        ("mms", "mms", "+33700000001", US, False),
        ("mms", "mms", "Maison", US, False),
        ("mms", "mms", "+12015550123", FRANCE, False),
        ("mms", "rcs", "+12015550123", US, False),
        ("", "mms", "+12015550123", US, False),
        ("rcs:FR", "rcs", "+33700000001", FRANCE, True),
        ("rcs:FR", "rcs", "Maison", FRANCE, True),  # a card comes from the agent
        ("rcs:FR", "rcs", "+33700000001", GERMANY, False),
        ("mms, rcs:FR rcs:DE", "rcs", "+33700000001", GERMANY, True),
        ("rcs:FR", "mms", "+33700000001", FRANCE, False),
        ("rcs:FR", "rcs", "+33700000001", "", False),
        ("rcs:FR", "rcs", "+33700000001", "0612345678", False),
    ],
)
def test_an_account_sends_a_kind_where_it_has_it(
    words: str, kind: str, sender: str, recipient: str, may: bool
) -> None:
    assert rich_kinds.may_take(words, kind, sender, recipient) is may


@pytest.mark.parametrize("words", ["rcs", "rcs:fr", "rcs:FRA", "mms:FR", "whatsapp", "mms;rcs:FR"])
def test_what_is_no_kind_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match="rcs:FR"):
        rich_kinds.read(words)


@pytest.mark.parametrize("agent", ["", "an agent", "a" * 81, "+33700000001", "agent\n"])
def test_rcs_needs_the_id_of_its_agent(agent: str) -> None:
    rich_kinds.check_agent("mms", agent)
    with pytest.raises(ValueError, match="agent"):
        rich_kinds.check_agent("rcs:FR", agent)
