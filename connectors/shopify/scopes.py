"""What the app may do in a shop: scopes as lists with commas; to write is to read as well."""

from __future__ import annotations

from collections.abc import Iterable


def of(text: str) -> set[str]:
    """The scopes in a list such as "read_orders,write_customers", with what they imply."""
    said = {each.strip() for each in text.split(",") if each.strip()}
    return said | {f"read_{each.removeprefix('write_')}" for each in said if _writes(each)}


def missing(asked: str, granted: str) -> list[str]:
    """What was asked for and not granted, in alphabetical order."""
    return _shortest(of(asked) - of(granted))


def _shortest(scopes: Iterable[str]) -> list[str]:
    whole = set(scopes)
    implied = {f"read_{each.removeprefix('write_')}" for each in whole if _writes(each)}
    return sorted(whole - implied)


def _writes(scope: str) -> bool:
    return scope.startswith("write_")
