"""The web application put together. Who may enter is said where a blueprint is registered."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, ValidationError

import settings as configuration
from connectors.registry import Outside
from moment import clock_of, refuse_beside_real_shops
from recovery.database import Database
from recovery.secrets import Keys
from settings import Settings
from web import (
    confirm_page,
    front,
    health,
    install,
    limits,
    links,
    message_hooks,
    pages,
    pairing,
    plugin_gone,
    plugin_privacy,
    plugin_zip,
    shop_hooks,
    shopify_proxy,
)
from web.merchant import doors, rooms, shopify_doors, shopify_install
from web.pen import Pen
from web.redis_ping import open_redis
from web.storing import Storing
from web.tools import Tools

LARGEST_BODY = 1024 * 1024  # bytes; a checkout of 250 lines is about 0.5 MB
_LONGEST_NUMBER = 18  # digits: 2**63 has one more
_SESSION = timedelta(hours=12)  # without a visit
#: How often one client may come, to doors that anybody finds.
_LIMITED = {
    install.blueprint: limits.INSTALL,
    pairing.blueprint: limits.INSTALL,
    links.blueprint: limits.LINKS,
    confirm_page.blueprint: limits.LINKS,
    doors.blueprint: limits.ENTRY,
    shopify_install.blueprint: limits.INSTALL,
    shopify_doors.blueprint: limits.LINKS,  # pages in Shopify's frame pass by it
}


class _PagesOnly(SecureCookieSessionInterface):
    """Sessions for people; a webhook has none, and reading its cookies costs time."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.path.startswith(("/hooks/", "/proxy/")):
            return None
        return super().open_session(app, request)


class _RowId(IntegerConverter):
    """`<int:…>` in an address: what a database can count to; beyond it there is nothing (404)."""

    def to_python(self, value: str) -> int:
        """The number. Raises `ValidationError`."""
        if len(value) > _LONGEST_NUMBER:
            raise ValidationError
        return int(super().to_python(value))


def make(settings: Settings | None = None) -> Flask:
    """What `web.create_app` gives."""
    settings = settings or configuration.load()
    refuse_beside_real_shops(settings.clock_file, settings.database_url)
    app = Flask(__name__)
    app.url_map.converters["int"] = _RowId
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.secret_key = settings.secret_key
    app.session_interface = _PagesOnly()
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["SESSION_COOKIE_SECURE"] = settings.public_url.startswith("https://")
    app.config["PERMANENT_SESSION_LIFETIME"] = _SESSION
    app.extensions["relance"] = open_tools(settings)
    app.register_blueprint(shop_hooks.blueprint)  # whoever signs as a shop platform
    app.register_blueprint(message_hooks.blueprint)  # whoever signs as a message provider
    app.register_blueprint(links.blueprint)  # whoever holds an unguessable token
    app.register_blueprint(confirm_page.blueprint)  # whoever holds one that was mailed to them
    app.register_blueprint(install.blueprint)  # anybody; proven by the platform on the way back
    app.register_blueprint(plugin_privacy.blueprint)  # whoever signs as a shop's plugin
    app.register_blueprint(plugin_gone.blueprint)  # the same
    app.register_blueprint(shopify_proxy.blueprint)  # whoever Shopify signs for, by the app proxy
    app.register_blueprint(pairing.blueprint)  # whoever holds a code; proven by asking the shop
    app.register_blueprint(plugin_zip.blueprint)  # anybody: nothing in it is secret
    app.register_blueprint(front.blueprint)  # anybody; says only what this is
    app.register_blueprint(health.blueprint)  # anybody; counts and shops' public keys, never people
    rooms.furnish(app)  # members of a shop; proven by its platform
    # Webhooks are not limited in this way: they come in floods, and signed.
    limits.watch(app, settings.redis_url, settings.secret_key, _LIMITED)
    pages.dress(app, is_https=settings.public_url.startswith("https://"))
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops)  # type: ignore[method-assign]
    return app


def open_tools(settings: Settings) -> Tools:
    """Everything the web process needs, from its settings."""
    database = Database(settings.database_url, pool=20)
    return Tools(
        database=database,
        redis=open_redis(settings.redis_url),
        outside=Outside(settings.shop_options(), settings.messenger_options()),
        keys=Keys(settings.encryption_keys),
        now=clock_of(settings.clock_file),
        public_url=settings.public_url,
        allow_private_shops=settings.allow_private_shops,
        pen=Pen(Storing(database)),
    )
