"""What a DONE says beyond its changes: the detail of exit and error_page, the reason of a failure."""

from __future__ import annotations

from typing import Any, Final

from oarlock_pluginserver._generated.pdk_table import ERROR_CODES
from oarlock_pluginserver.errors import ProtocolError
from oarlock_pluginserver.protocol import messages as m

# Codes that a server may give. The others of the table are ours: they say what only a host can know.
_CODES: Final = frozenset({"failed", "deadline", "cancelled", "refused", "no_instance", "gone"}) | frozenset(
    {"bad_args", "wrong_phase", "unsupported", "too_large", "pdk", "internal"}
)


def detail_of(done: m.Done) -> list[Any]:
    """[status, body or message, headers] of `exit` and `error_page`. Raises ProtocolError."""
    detail = (done.detail or [])[:3]
    detail += [None] * (3 - len(detail))
    status, body, headers = detail
    if type(status) is not int or not isinstance(body, str | bytes | dict | list | m.Blob | None):
        raise ProtocolError("DONE: the detail of exit or error_page is not [status, body, headers]")
    if headers is not None and not isinstance(headers, list):
        raise ProtocolError("DONE: headers are not [name, value, …]")
    return detail


def failure_of(done: m.Done) -> tuple[str, str, str]:
    """Code, text and trace of `failed`, which an outcome that we don't know is, too. Raises ProtocolError."""
    if done.outcome > m.FAILED:
        return "failed", f"outcome {done.outcome}, which is unknown here", ""
    code, text, trace = [*("" if part is None else part for part in done.detail or ["failed"]), "", ""][:3]
    if not (isinstance(code, str) and isinstance(text, str) and isinstance(trace, str)):
        raise ProtocolError("DONE: the detail of failed is not [code, text, trace]")
    if code not in ERROR_CODES:
        code = "internal"
    return code if code in _CODES else "failed", text, trace
