"""The proof of what somebody agreed to, for whoever may log in to this server."""

from __future__ import annotations

from collections.abc import Sequence

from recovery import consent_proof, shops
from recovery.database import Database
from worker.plugin_codes import NoSuchShop

FORMS = {"json": consent_proof.as_json, "csv": consent_proof.as_csv}


class NotAsked(Exception):
    """The command lacks an address, or names a form that there is none of."""


def consents(database: Database, shop_key: str, given: Sequence[str]) -> str:
    """The proof for `given`: an e-mail or phone, and "json" (the default) or "csv".

    Raises `NoSuchShop`, `NotAsked`.
    """
    address, form, *more = [*given, "json"] if len(given) == 1 else [*given, "", ""]
    if not address or form not in FORMS or any(more):
        raise NotAsked("consents wants a shop's key, an e-mail or phone, and json or csv")
    with database.reading() as db:
        shop = shops.by_key(db, shop_key)
        if shop is None:
            raise NoSuchShop(f"no shop has the key {shop_key!r}")
        return FORMS[form](consent_proof.of_address(db, shop, address))
