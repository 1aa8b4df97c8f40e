"""How gunicorn serves the web: one process, many threads. A process starts here.

One serving process, because webhooks that arrive together share one commit (`web.pen`),
and its scribe, which writes them down (`web.scribe`). With PostgreSQL more processes
(`WEB_CONCURRENCY`) and more machines may be added.
"""

import gc
from typing import Any

import logs
import memory
import settings as configuration

_settings = configuration.load()

_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host  # IPv6
bind = f"{_host}:{_settings.port}"
worker_class = "gthread"
workers = _settings.web_concurrency
threads = 24
keepalive = 30
timeout = 60
graceful_timeout = 10
accesslog = None
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Logs in our own form; what is loaded by now the collector need not look at again."""
    logs.begin()
    memory.share_arenas()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    from web import scribe  # here, because gunicorn's master needs none of it

    held = worker.wsgi.extensions.get("relance")  # another app may be served this way, too
    if held is not None:
        held.pen.store = scribe.begin(_settings.database_url)
