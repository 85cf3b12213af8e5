"""Bodies of responses that the gateway gives itself, in the format that the client asked for (pure).

What is put in is escaped for the format; Kong does not do that.
"""

from __future__ import annotations

import json
from html import escape
from typing import Final

from oarlock.proxy.exchange import Exchange, Headers

JSON: Final = b"application/json; charset=utf-8"
PLAIN: Final = b"text/plain; charset=utf-8"
HTML: Final = b"text/html; charset=utf-8"
XML: Final = b"application/xml; charset=utf-8"
GRPC: Final = b"application/grpc"

_MESSAGES: Final = {
    400: "Bad request",
    401: "Unauthorized",
    402: "Payment required",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    407: "Proxy authentication required",
    408: "Request timeout",
    409: "Conflict",
    410: "Gone",
    411: "Length required",
    412: "Precondition failed",
    413: "Payload too large",
    414: "URI too long",
    415: "Unsupported media type",
    416: "Range not satisfiable",
    417: "Expectation failed",
    418: "I'm a teapot",
    421: "Misdirected request",
    422: "Unprocessable entity",
    423: "Locked",
    424: "Failed dependency",
    425: "Too early",
    426: "Upgrade required",
    428: "Precondition required",
    429: "Too many requests",
    431: "Request header fields too large",
    451: "Unavailable for legal reasons",
    494: "Request header or cookie too large",
    500: "An unexpected error occurred",
    501: "Not implemented",
    502: "An invalid response was received from the upstream server",
    503: "The upstream server is currently unavailable",
    504: "The upstream server is timing out",
    505: "HTTP version not supported",
    506: "Variant also negotiates",
    507: "Insufficient storage",
    508: "Loop detected",
    510: "Not extended",
    511: "Network authentication required",
}

_FORMATS: Final = {
    "application/json": JSON,
    "text/plain": PLAIN,
    "text/html": HTML,
    "application/xml": XML,
    "application/grpc": GRPC,
    "application/*": JSON,
    "text/*": PLAIN,
    "*/*": JSON,
}

_GRPC_STATUSES: Final = {
    200: 0, 400: 3, 401: 16, 403: 7, 404: 5, 409: 6, 429: 8, 499: 1, 500: 13, 501: 12, 503: 14, 504: 4,
}  # fmt: skip


def default_message(status: int) -> str:
    """The text for a status where nobody gave one."""
    return _MESSAGES.get(status) or f"The upstream server responded with {status}"


def render(
    status: int,
    message: str | None,
    x: Exchange | None,
    *,
    proxy_layer: bool = False,
    default_type: str = "text/plain",
) -> tuple[bytes, bytes]:
    """Return the content type and the body of an error response.

    `x` is None when there is no request to speak of. Without an Accept header, errors of the gateway's logic and of
    plugins are JSON; those of the proxy layer (`proxy_layer`) take the request's Content-Type, else `default_type`.
    The body of a gRPC error is empty: what it says goes in `grpc_headers`.
    """
    text = default_message(status) if message is None else message
    headers = x.received_headers if x is not None else []
    request_id = x.id if x is not None else ""
    content_type = choose_format(headers, proxy_layer=proxy_layer, default_type=default_type)
    return content_type, _render(content_type, text, request_id)


def render_as(wanted: bytes, status: int, message: str | None, request_id: str) -> tuple[bytes, bytes] | None:
    """Return content type and body in the type that a plugin asked for; None if there is no page of that type."""
    content_type = _known(wanted.decode("latin-1"))
    if content_type is None:
        return None
    return content_type, _render(content_type, default_message(status) if message is None else message, request_id)


def choose_format(headers: Headers, *, proxy_layer: bool, default_type: str) -> bytes:
    """Return the content type of an error body for a request with these headers."""
    accept = b",".join([value for name, value in headers if name == b"accept"]).decode("latin-1")
    if accept:
        return _FORMATS.get(_best_of(accept), JSON)
    if not proxy_layer:
        return JSON
    for name, value in headers:
        if name == b"content-type" and (known := _known(value.decode("latin-1"))) is not None:
            return known
    return _FORMATS.get(default_type, PLAIN)


def grpc_headers(status: int, message: str | None) -> Headers:
    """The headers that carry an error of gRPC."""
    text = default_message(status) if message is None else message
    encoded = b"".join(
        bytes((byte,)) if 0x20 <= byte < 0x7F and byte != 0x25 else b"%%%02X" % byte for byte in text.encode()
    )
    return [(b"grpc-status", b"%d" % grpc_status(status)), (b"grpc-message", encoded)]


def grpc_status(status: int) -> int:
    """The gRPC status for one of HTTP; 2 (unknown) where there is none."""
    if status in _GRPC_STATUSES:
        return _GRPC_STATUSES[status]
    return {2: 0, 4: 3, 5: 13}.get(status // 100, 2)


def _best_of(accept: str) -> str:
    """The media range with the highest `q`; the first of equals."""
    best, best_quality = "", 0.0
    for part in accept.split(","):
        media, *parameters = part.split(";")
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "q":
                try:
                    quality = float(value.strip())
                except ValueError:
                    quality = 0.0
        if quality > best_quality:
            best, best_quality = media.strip().lower(), quality
    return best


def _known(content_type: str) -> bytes | None:
    media = content_type.partition(";")[0].strip().lower()
    if media.startswith("application/grpc"):
        return GRPC
    return _FORMATS.get(media) if "*" not in media else None


def _render(content_type: bytes, message: str, request_id: str) -> bytes:
    if content_type is JSON:
        text = (
            f'{{\n  "message":{json.dumps(message, ensure_ascii=False)},\n  "request_id":{json.dumps(request_id)}\n}}'
        )
    elif content_type is HTML:
        text = (
            '<!doctype html>\n<html>\n  <head>\n    <meta charset="utf-8">\n    <title>Error</title>\n  </head>\n'
            f"  <body>\n    <h1>Error</h1>\n    <p>{escape(message)}.</p>\n"
            f"    <p>request_id: {escape(request_id)}</p>\n  </body>\n</html>\n"
        )
    elif content_type is XML:
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<error>\n'
            f"  <message>{_xml(message)}</message>\n  <requestid>{_xml(request_id)}</requestid>\n</error>\n"
        )
    elif content_type is GRPC:
        text = ""
    else:
        line = "".join(character if character.isprintable() else " " for character in message)
        text = f"{line}\nrequest_id: {request_id}\n"
    return text.encode("utf-8", "replace")


def _xml(text: str) -> str:
    """Escaped, without the control characters that XML has no way to write."""
    return escape("".join(character for character in text if character >= " " or character in "\t\n"))
