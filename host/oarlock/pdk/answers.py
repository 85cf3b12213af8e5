"""Responses that a plugin makes itself: kong.response.exit, kong.response.error, and what a failed plugin leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from oarlock.pdk import bodies
from oarlock.pdk.arguments import check
from oarlock.pdk.response import is_framing, replaced
from oarlock.pdk.values import WrittenHeaders, first_line
from oarlock.proxy import error_page
from oarlock.proxy.exchange import Answer, Exchange, Headers
from oarlock.proxy.headers import OF_THE_BODY
from oarlock_pluginserver._generated.pdk_table import BY_NAME
from oarlock_pluginserver.errors import PdkError

_EXIT: Final = BY_NAME["kong.response.exit"]
_ERROR: Final = BY_NAME["kong.response.error"]
_CONTENT_TYPE: Final = b"content-type"
_GRPC: Final = b"application/grpc"

# Names of gRPC's statuses, as Kong puts them into grpc-message.
_GRPC_NAMES: Final = (
    b"OK", b"Canceled", b"Unknown", b"InvalidArgument", b"DeadlineExceeded", b"NotFound", b"AlreadyExists",
    b"PermissionDenied", b"ResourceExhausted", b"FailedPrecondition", b"Aborted", b"OutOfRange", b"Unimplemented",
    b"Internal", b"Unavailable", b"DataLoss", b"Unauthenticated",
)  # fmt: skip


def exit_answer(x: Exchange, detail: Sequence[object]) -> Answer:
    """Return the answer of kong.response.exit, given `[status, body, headers]`.

    Headers that plugins set before are part of it; those of the exit replace them.

    Raises:
        PdkError: an argument is not valid.
    """
    status, body, headers = check(_EXIT, detail)
    _check_final(status)
    given = _given(headers, _EXIT.name)
    lines = _with(_plugin_headers(x), given)
    content_type = first_line(lines, _CONTENT_TYPE)
    if _is_grpc(x, content_type):
        return _grpc_exit(status, body, lines, first_line(given, _CONTENT_TYPE))
    if body is None:
        content = b""
    elif isinstance(body, bytes):
        content = body
    else:
        content = _json(body)
        if first_line(given, _CONTENT_TYPE) is None:
            lines = replaced(lines, _CONTENT_TYPE, (error_page.JSON,))
    return Answer(status, lines, content, "exit")


def error_answer(x: Exchange, detail: Sequence[object]) -> Answer:
    """Return the answer of kong.response.error, given `[status, message, headers]`.

    Raises:
        PdkError: an argument is not valid, or there is no error page of the content type asked for.
    """
    status, message, headers = check(_ERROR, detail)
    given = _given(headers, _ERROR.name)
    lines = _with(_plugin_headers(x), given)
    text = None
    if message is not None:
        text = (message if isinstance(message, bytes) else _json(message)).decode("utf-8", "replace")
    wanted = first_line(given, _CONTENT_TYPE)
    if wanted is None and _is_grpc(x, first_line(x.received_headers, _CONTENT_TYPE)):
        wanted = _GRPC
    if wanted is None:
        content_type, content = error_page.render(status, text, x)
    else:
        page = error_page.render_as(wanted, status, text, x.id)
        if page is None:
            raise PdkError("bad_args", f"there is no error page of type {wanted.decode('ascii', 'backslashreplace')}")
        content_type, content = page
    if content_type == error_page.GRPC:
        lines = _with(lines, _grpc_lines(error_page.grpc_status(status), None))
    return Answer(status, replaced(lines, _CONTENT_TYPE, (content_type,)), content, "exit")


def failure_answer(x: Exchange, status: int, message: str | None, headers: Headers) -> Answer:
    """Return the error page for a plugin that failed under the policy `fail_closed`."""
    content_type, content = error_page.render(status, message, x)
    lines = [*_plugin_headers(x), *headers]
    if content_type == error_page.GRPC:
        lines = _with(lines, error_page.grpc_headers(status, message))
        status = 200
    return Answer(status, replaced(lines, _CONTENT_TYPE, (content_type,)), content, "error")


def _plugin_headers(x: Exchange) -> Headers:
    """Return the response's headers so far, without those that describe a body that is going to be another one."""
    return [header for header in x.response_headers if header[0] not in OF_THE_BODY]


def _given(headers: WrittenHeaders | None, function: str) -> Headers:
    """Return the headers given with an answer as lines: names as a response has them, none of the framing ones."""
    lines: Headers = []
    for name, values in headers or ():
        line = name.replace(b"_", b"-")
        if not is_framing(line, function):
            lines = replaced(lines, line, values)
    return lines


def _with(headers: Headers, given: Headers) -> Headers:
    names = {name for name, _ in given}
    return [*(header for header in headers if header[0] not in names), *given]


def _check_final(status: int) -> None:
    if status < 200:
        raise PdkError("bad_args", f"status {status} does not end a response")


def _json(body: Any) -> bytes:
    try:
        return bodies.to_json(body)
    except (TypeError, ValueError) as error:
        raise PdkError("bad_args", f"body encoding failed while flushing response: {error}") from None


def _is_grpc(x: Exchange, content_type: bytes | None) -> bool:
    """Whether the response speaks gRPC: its type says so, or it has none and the request does, over HTTP/2."""
    if content_type is not None:
        return content_type.startswith(_GRPC)
    asked = first_line(x.received_headers, _CONTENT_TYPE)
    return x.http_version == "2" and asked is not None and asked.startswith(_GRPC)


def _grpc_exit(status: int, body: Any, lines: Headers, given_type: bytes | None) -> Answer:
    number = error_page.grpc_status(status)
    if given_type is not None and given_type.startswith(_GRPC):
        if body is not None and not isinstance(body, bytes):
            raise PdkError("bad_args", "table body encoding with gRPC is not supported")
        return Answer(status, _with(_grpc_lines(number, None), lines), body or b"", "exit")
    message = body.get("message") if isinstance(body, dict) else body
    text = message.encode() if isinstance(message, str) else message if isinstance(message, bytes) else None
    return Answer(status, _with(_grpc_lines(number, text), lines), b"", "exit")


def _grpc_lines(number: int, message: bytes | None) -> Headers:
    """Return grpc-status and grpc-message; the message percent-encoded (gRPC over HTTP/2, Status-Message)."""
    shown = _GRPC_NAMES[number] if message is None else message
    encoded = b"".join(bytes((byte,)) if 0x20 <= byte < 0x7F and byte != 0x25 else b"%%%02X" % byte for byte in shown)
    return [(b"grpc-status", b"%d" % number), (b"grpc-message", encoded)]
