"""The time zones of states and provinces, where one country has several.

From the tz database's zone tables and the states' own borders; a state with two
clocks has both, because the hour must be decent in all possible zones. A
country that is not here has the zones that CLDR gives it.
"""

from __future__ import annotations

from functools import lru_cache

from babel.core import get_global

Table = dict[tuple[str, ...], str]  # zones: the codes of the states that lie in them

_EASTERN, _CENTRAL = "America/New_York", "America/Chicago"
_MOUNTAIN, _PACIFIC = "America/Denver", "America/Los_Angeles"

_US: Table = {
    (_EASTERN,): "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
    (_EASTERN, _CENTRAL): "FL IN KY MI TN",
    (_CENTRAL,): "AR IA IL LA MN MO MS OK WI",
    (_CENTRAL, _EASTERN): "AL",
    (_CENTRAL, _MOUNTAIN): "KS ND NE SD TX",
    (_MOUNTAIN,): "CO MT NM UT WY",
    (_MOUNTAIN, _PACIFIC): "ID OR",
    (_MOUNTAIN, "America/Phoenix"): "AZ",
    (_PACIFIC,): "CA WA",
    (_PACIFIC, _MOUNTAIN): "NV",
    ("America/Anchorage", "America/Adak", "America/Metlakatla"): "AK",
    ("Pacific/Honolulu",): "HI",
    ("America/Puerto_Rico",): "PR VI",
    ("Pacific/Guam",): "GU MP",
    ("Pacific/Pago_Pago",): "AS",
    # Mail of the armed forces may be anywhere: Europe, the Americas, the Pacific.
    ("Europe/Berlin", _EASTERN): "AE AA",
    ("Asia/Tokyo", "Pacific/Guam"): "AP",
}

_CANADA: Table = {
    ("America/Vancouver", "America/Edmonton"): "BC",
    ("America/Edmonton",): "AB NT",
    ("America/Regina", "America/Edmonton"): "SK",
    ("America/Winnipeg",): "MB",
    ("America/Toronto", "America/Winnipeg"): "ON",
    ("America/Toronto", "America/Halifax", "America/Puerto_Rico"): "QC",
    ("America/Halifax",): "NB NS PE",
    ("America/St_Johns", "America/Halifax"): "NL",
    ("America/Whitehorse",): "YT",
    ("America/Toronto", "America/Winnipeg", "America/Edmonton"): "NU",
}

_AUSTRALIA: Table = {
    ("Australia/Sydney",): "ACT",
    ("Australia/Sydney", "Australia/Adelaide", "Australia/Lord_Howe"): "NSW",
    ("Australia/Melbourne",): "VIC",
    ("Australia/Brisbane",): "QLD",
    ("Australia/Adelaide",): "SA",
    ("Australia/Perth", "Australia/Eucla"): "WA",
    ("Australia/Hobart",): "TAS",
    ("Australia/Darwin",): "NT",
}

_SPAIN: Table = {
    ("Atlantic/Canary",): "GC TF",
    ("Europe/Madrid",): "A AB AL AV B BA BI BU C CA CC CO CR CS CU GI GR GU H HU J L LE LO LU M "
    "MA MU NA O OR P PM PO S SA SE SG SO SS T TE TO V VA VI Z ZA CE ML",
}


def _by_code(table: Table) -> dict[str, tuple[str, ...]]:
    return {code: zones for zones, codes in table.items() for code in codes.split()}


STATES = {
    "US": _by_code(_US),
    "CA": _by_code(_CANADA),
    "AU": _by_code(_AUSTRALIA),
    "ES": _by_code(_SPAIN),
}


@lru_cache(maxsize=1000)
def zones_of_region(country: str | None, region: str | None) -> tuple[str, ...]:
    """Every zone a place may lie in; empty when the country is unknown."""
    place = (country or "").strip().upper()
    part = (region or "").strip().upper().removeprefix(f"{place}-")
    return STATES.get(place, {}).get(part) or _zones_of_country(place)


def _zones_of_country(country: str) -> tuple[str, ...]:
    territories = get_global("zone_territories")
    zones = (zone for zone, place in territories.items() if place == country)
    # CLDR lists the ships' zones (Etc/GMT+5, …) under a country of their own, "ZZ".
    return tuple(sorted(zone for zone in zones if not zone.startswith("Etc/")))
