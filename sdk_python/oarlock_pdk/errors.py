"""What the SDK raises: errors a plugin may catch, and the two ways a handler is ended from outside.

`Gone` and `Ended` are BaseExceptions: a plugin's `except Exception` must not swallow the end of its own handler.
"""

from __future__ import annotations


class OarlockError(Exception):
    """Base of all errors of this package that a program may catch."""


class PdkError(OarlockError):
    """A PDK function refused its arguments or failed in the gateway.

    `code` is a word to act on (`bad_args`, `wrong_phase`, `unsupported`, `too_large`, `deadline`, `pdk`, `internal` …),
    `text` is for people.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text or code)
        self.code = code
        self.text = text

    def __reduce__(self) -> tuple[type[PdkError], tuple[str, str]]:
        return type(self), (self.code, self.text)


class ConfigError(OarlockError):
    """A plugin's configuration does not fit. A plugin may raise it from `__init__` or `start` to refuse its own."""


class PluginError(OarlockError):
    """A plugin is declared wrongly: its author has to change its code."""


class ProtocolError(OarlockError):
    """The gateway sent something that oarlock/1 forbids; the connection can't go on. `code` goes into DRAIN."""

    def __init__(self, text: str, code: str = "protocol") -> None:
        super().__init__(text)
        self.code = code


class Gone(BaseException):
    """The event is over (deadline, client gone, exit, an earlier step): the handler is to end, nobody waits for it."""


class Ended(BaseException):
    """`kong.response.exit` or `kong.response.error` was called: it ends the handler and must not be caught."""
