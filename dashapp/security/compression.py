"""Compressed answers; files that are the same for everyone are compressed once and well."""

# Imports inside functions: start-up time, loaded by the first answer that is compressed.

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from flask_compress import Compress

from dashapp.security.guard import is_static
from metricstore.bounded_cache import BoundedCache
from metricstore.memory_budget import SHARES

_Key = tuple[str, str]
"""Address, and what its content is known by."""
_LARGEST = 8 * 1024 * 1024


def init_app(app: Flask) -> None:
    app.config.update(
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["br", "gzip"],
        COMPRESS_REGISTER=False,
        COMPRESS_LEVEL=6,
        COMPRESS_BR_LEVEL=4,
        COMPRESS_MIMETYPES=[
            "text/html", "text/css", "text/plain", "text/csv", "text/javascript", "application/javascript",
            "application/json", "application/problem+json", "image/svg+xml",
        ],
    )  # fmt: skip
    compress = Compress(app)
    files: BoundedCache[_Key, bytes] = BoundedCache(SHARES["compressed files"], len)

    @app.after_request
    def compressed(response: Response) -> Response:
        wanted = request.headers.get("Accept-Encoding", "")
        if is_static() and response.status_code == 200 and "br" in wanted and _worth(response):
            return _file(files, response)
        return compress.after_request(response)


def _worth(response: Response) -> bool:
    size = response.content_length or 0
    text = (response.mimetype or "").startswith(("text/", "application/j", "image/svg", "image/x-icon"))
    return text and 500 < size < _LARGEST and "Content-Encoding" not in response.headers


def _file(files: BoundedCache[_Key, bytes], response: Response) -> Response:
    """Brotli at a level worth doing once per file and start: a tenth smaller than at the level of live answers."""
    etag, _weak = response.get_etag()
    key = (request.full_path, f"{etag}{response.content_length}")
    body = files.get(key)
    if body is None:
        import brotli

        response.direct_passthrough = False
        body = brotli.compress(response.get_data(), quality=9 if (response.content_length or 0) < 300_000 else 6)
        files.keep(key, body)
    else:
        response.close()
    headers: Any = response.headers
    kept = Response(body, 200, headers)
    kept.headers["Content-Encoding"] = "br"
    kept.headers["Content-Length"] = str(len(body))
    kept.headers.add("Vary", "Accept-Encoding")
    if etag:
        kept.set_etag(f"{etag}:br")
        kept.make_conditional(request)
    return kept
