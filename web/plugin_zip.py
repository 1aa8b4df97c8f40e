"""The WordPress plugin for download: one generic zip, with no key and no shop in it."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from flask import Blueprint, Response, request

blueprint = Blueprint("plugin_zip", __name__, url_prefix="/plugin")


@blueprint.get("/relance.zip")
def plugin() -> Response:
    """The zip; 304 for whoever has it already."""
    content, digest = _packed()
    answer = Response(content, mimetype="application/zip")
    answer.headers["Content-Disposition"] = 'attachment; filename="relance.zip"'
    answer.headers["Cache-Control"] = "public, max-age=300"
    answer.set_etag(digest)
    answer.make_conditional(request)
    return answer


@lru_cache(maxsize=1)
def _packed() -> tuple[bytes, str]:
    # Packed when it is first asked for: most web processes never serve it.
    from in_shop.wordpress.pack import zip_bytes

    content = zip_bytes()
    return content, hashlib.sha256(content).hexdigest()
