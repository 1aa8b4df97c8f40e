"""One send is one request: the line to Vonage, which never repeats by itself.

Three layers repeat a POST of their own accord, and each repeat may be a second
text on somebody's phone (seen against the stand-in):

- the SDK, `pool_maxsize` times, when the far end closes without an answer;
- urllib3, `max_retries` times (the SDK sets 3), on a TLS error while it waits
  for the answer: it takes any TLS error for one of the handshake;
- requests, when the answer is a 307 or 308.

A kept line that the far end closed meanwhile is seen closed before anything is
written, and opened anew; if it closes in that very moment, the send is lost or
taken, nobody knows, and it is not written again.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import ConnectionPool, HTTPSConnectionPool
from vonage_http_client import Auth, HttpClient, HttpClientOptions

from connectors.protocols import Gate, open_gate


class _Progress(threading.local):
    """Whether this thread's request may have left. An error's type does not tell:
    a reset looks the same during the handshake and after the request was written.

    `gate` is what the request waits at, when all of it is ready, and is written inside."""

    written = False
    gate: Gate = staticmethod(open_gate)


progress = _Progress()


class _Connection(HTTPSConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:
        with progress.gate():
            progress.written = True
            super().request(*args, **kwargs)


class _Pool(HTTPSConnectionPool):
    ConnectionCls = _Connection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": _Pool}

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> ConnectionPool:
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        if not isinstance(pool, _Pool):  # through a proxy: we cannot tell, so say it may have left
            progress.written = True
        return pool


class OneRequest(Session):
    """A session that writes each request once: no retry, no redirect followed.

    `timeout` is in seconds, for each wait. The authorities and proxies of the
    environment are read once, when it is made: requests does that anew for each
    request, and would put a password from ~/.netrc in the place of our token.
    Without that, and without cookies and redirects, a send costs 1.6 ms of
    processor time instead of 2.9 (SDK, TLS and all, on a kept line).
    """

    def __init__(self, url: str, timeout: float) -> None:
        super().__init__()
        self._timeout = timeout
        self._url = url
        self._surroundings: Any = self.merge_environment_settings(url, {}, False, None, None)
        self._adapter = _Adapter(pool_connections=1, pool_maxsize=1, max_retries=0)
        self.mount("https://", self._adapter)

    def request(  # type: ignore[override]
        self, method: str, url: str, *, headers: Mapping[str, str], json: Any, **__: Any
    ) -> Response:
        """What the SDK calls. The answer's body is read to its end."""
        request = PreparedRequest()
        request.prepare_method(method)
        request.url = url
        request.prepare_headers(headers)
        request.prepare_body(data=None, files=None, json=json)
        response = self._adapter.send(request, timeout=self._timeout, **self._surroundings)
        response.content  # noqa: B018  (reads it, so that the line is free again)
        return response

    def open_line(self) -> None:
        """Connect unless connected: name, TCP and TLS take many times what a send takes."""
        request = PreparedRequest()
        request.url = self._url
        surroundings = self._surroundings
        pool: Any = self._adapter.get_connection_with_tls_context(
            request, surroundings["verify"], surroundings["proxies"], surroundings["cert"]
        )
        if not isinstance(pool, _Pool):
            return  # through a proxy: opened by the first send
        adapter: Any = self._adapter  # untyped in requests
        adapter.cert_verify(pool, self._url, surroundings["verify"], surroundings["cert"])
        line = pool._get_conn()  # closed by it, when the far end closed it meanwhile
        try:
            line.timeout = self._timeout
            pool._validate_conn(line)
        finally:
            pool._put_conn(line)


def http_client(auth: Auth, api_host: str | None, timeout: float) -> HttpClient:
    """The SDK's client on a line that never repeats; for one thread alone.

    The SDK keeps the headers of the request on the client, so two threads must
    not share one. `api_host` is host[:port], None for the SDK's own.
    """
    hosts = {"api_host": api_host} if api_host else {}
    options = HttpClientOptions(pool_maxsize=1, max_retries=0, timeout=10, **hosts)
    client = HttpClient(auth, options, sdk_version=version("vonage"))
    client._session = OneRequest(f"https://{client.api_host}", timeout)  # it takes none from us
    return client
