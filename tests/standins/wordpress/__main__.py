"""`python -m tests.standins.wordpress [--plugin FOLDER] [--port 8088]`: a shop to look at."""

from __future__ import annotations

import argparse
import signal
import sys
import time

from tests.standins.wordpress import needs
from tests.standins.wordpress.shop import Shop


def main() -> None:
    """Start a shop with a few products, tell where it is, and wait for Ctrl-C."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--plugin", default="in_shop/wordpress/relance")
    asked.add_argument("--no-plugin", action="store_true")
    asked.add_argument("--port", type=int, default=8088)
    asked.add_argument("--wordpress", default=needs.WORDPRESS, choices=needs.VERSIONS)
    told = asked.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the shop is stopped too
    try:
        shop = Shop.start(
            None if told.no_plugin else told.plugin,
            told.port,
            wordpress=told.wordpress,
            quiet_cron=False,
        )
    except needs.Missing as problem:
        sys.exit(str(problem))
    with shop:
        shirt = shop.add_product("T-shirt", "25.00", stock=99, sku="t-shirt")
        sizes = [{"attributes": {"Size": one}, "price": "12.00"} for one in ("Small", "Large")]
        mug = shop.add_variable("Mug", {"Size": ["Small", "Large"]}, sizes)
        print(f"shop      {shop.url}/shop/     admin: {shop.url}/wp-admin/ (admin, password)")
        print(f"products  {shirt.link} (id {shirt.id})   {mug.link} (variations {mug.variations})")
        print(f"checkout  {shop.url}/checkout/ (block)   {shop.url}/classic-checkout/ (classic)")
        print(f"folder    {shop.folder} (debug.log)", flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
