"""What this package raises: a type of its own where a caller would act differently. Codes are those of PROTOCOL.md."""

from __future__ import annotations

EXCERPT_BYTES = 32  # of a bad frame, round the fault: enough to see what went wrong, too little to leak a credential


class PluginServerError(Exception):
    """Base of everything that this package raises on purpose."""


class ServerNotReady(PluginServerError):
    """A plugin server process ran but did not answer on its socket in time."""

    def __init__(self, name: str, address: str, timeout: float) -> None:
        super().__init__(
            f"plugin server {name!r} did not answer on {address} within {timeout:g} s; "
            f"check that its command starts a server on that socket, or raise start_timeout"
        )


class InvalidSpec(PluginServerError):
    """A plugin server cannot be run as it is described; nothing was started."""

    def __init__(self, name: str, field: str, found: object, expected: str) -> None:
        self.field = field
        super().__init__(f"plugin server {name!r}: {field} is {found!r}; expected {expected}")


class ServerFailed(PluginServerError):
    """A process of a plugin server did not come up; the text says why, with the last line of its output."""

    def __init__(self, name: str, reason: str) -> None:
        self.reason = reason
        super().__init__(f"plugin server {name!r} did not come up: {reason}")


class ProtocolError(PluginServerError):
    """The peer sent what the protocol forbids; its connection cannot go on.

    `excerpt` is a hex excerpt of the bytes near the fault, "" where no bytes are to blame. `code` is the code of the
    DRAIN that answers it.
    """

    def __init__(self, reason: str, frame: bytes | None = None, position: int = 0, code: str = "protocol") -> None:
        self.reason = reason
        self.code = code
        self.excerpt = "" if frame is None else _excerpt(frame, position)
        super().__init__(f"{reason} [{self.excerpt}]" if self.excerpt else reason)


class HandshakeFailed(PluginServerError):
    """A plugin server was reached but HELLO and WELCOME did not succeed: too slow, closed, or refused with `code`."""

    def __init__(self, address: str, code: str, text: str) -> None:
        self.code = code
        super().__init__(f"handshake with the plugin server at {address} failed: {text} ({code})")


class PdkError(PluginServerError):
    """A PDK call failed in a way that its plugin is told of: `code` is a code of the protocol, `text` is for people."""

    def __init__(self, code: str, text: str = "") -> None:
        self.code = code
        self.text = text
        super().__init__(f"{code}: {text}" if text else code)


class IllegalMove(PluginServerError):
    """A state machine of ours was asked for a move that its table does not have: a bug on our side."""

    def __init__(self, what: str, state: object, event: str) -> None:
        super().__init__(f"{what} in state {state} cannot {event}")


def _excerpt(frame: bytes, position: int) -> str:
    first = max(0, min(position, len(frame)) - EXCERPT_BYTES // 2)
    shown = frame[first : first + EXCERPT_BYTES].hex()
    kind = f", type {frame[1]}" if len(frame) > 1 else ""
    return f"frame of {len(frame)} bytes{kind}, at byte {first}: {shown or 'empty'}"
