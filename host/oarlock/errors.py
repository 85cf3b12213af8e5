"""What the host raises, each with the HTTP status or the exit code it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class OarlockError(Exception):
    """Anything the host raises on purpose. A command that ends with one exits with `exit_code`."""

    exit_code = 1


class ClientError(OarlockError):
    """The client's request can't be served as it is: malformed, too large, too slow.

    `status` is the response status, `message` the text of its error page.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status} {message}")
        self.status = status
        self.message = message


class UpstreamError(OarlockError):
    """The upstream did not answer, or not in HTTP. `status` (502, 503 or 504) and `message` are for the client."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status} {message}")
        self.status = status
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with what the operator wrote, and where."""

    file: str  # file name, "environment" or "command line"; "" for text without a file
    line: int  # from 1; 0: no line is known
    path: str  # services[2].routes[0].paths[1]; "" for the file as a whole
    found: str = ""  # "the text 'x'", "nothing", …; "" when `message` says it all
    expected: str = ""  # "a whole number from 1 to 65535"
    message: str = ""  # a sentence of its own, where there is one in Kong's words
    hint: str = ""  # what to do about it: "did you mean 'hosts'?"

    def __str__(self) -> str:
        place = ":".join(part for part in (self.file, str(self.line or "")) if part)
        what = self.message
        if not what:
            what = f"expected {self.expected}, found {self.found}" if self.found else f"expected {self.expected}"
        elif self.found:
            what += f" (found {self.found})"
        text = ": ".join(part for part in (place, self.path, what) if part)
        return f"{text}; {self.hint}" if self.hint else text


class ConfigurationInvalid(OarlockError):
    """A settings file or a declarative file can't be used. `problems` holds all that is wrong with it."""

    exit_code = 2

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = list(problems)
