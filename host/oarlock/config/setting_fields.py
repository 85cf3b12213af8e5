"""Field types of settings: addresses, sizes, durations, paths, command lines, port maps."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from oarlock.config.containers import ListOf
from oarlock.config.fields import At, Faults, FieldType, Text, json_or_text
from oarlock.config.http_fields import is_ip, split_port

_QUANTITY: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]*)")
_SIZES: Final = {"": 1, "b": 1, "k": 1024, "kib": 1024, "m": 1024**2, "mib": 1024**2, "g": 1024**3, "gib": 1024**3}
_SECONDS: Final = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Listen:
    """An address to accept connections on. Port 0: the kernel chooses one."""

    host: str
    port: int
    flags: tuple[str, ...] = ()  # as in Kong: ssl, http2, proxy_protocol, reuseport, backlog=N …

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return " ".join((f"{host}:{self.port}", *self.flags))


class ListenAddress(FieldType):
    expected = "an IP address and a port, such as 127.0.0.1:8000 or [::1]:8000"

    def read(self, value: object, at: At, faults: Faults) -> Listen:
        words = value.split() if isinstance(value, str) else []
        host, _, port = words[0].rpartition(":") if words else ("", "", "")
        if not (is_ip(host) and port.isascii() and port.isdigit() and len(port) <= 5 and int(port) < 65536):
            self.wrong(value, at, faults, "write 127.0.0.1 or ::1" if host == "localhost" else "")
            return Listen("127.0.0.1", 0)
        return Listen(host.strip("[]"), int(port), tuple(words[1:]))

    def write(self, value: Listen) -> str:
        return str(value)

    def from_text(self, text: str) -> object:
        return text


class _Quantity(FieldType):
    """A number, or a number with a unit."""

    units: Mapping[str, float]

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def read(self, value: object, at: At, faults: Faults) -> Any:
        match = _QUANTITY.fullmatch(value.strip()) if isinstance(value, str) else None
        amount = math.nan
        if match and match[2].lower() in self.units:
            amount = float(match[1]) * self.units[match[2].lower()]
        elif isinstance(value, int | float) and not isinstance(value, bool):
            amount = float(value)
        if self.low <= amount <= self.high:
            return amount
        self.wrong(value, at, faults)
        return self.low

    def write(self, value: float) -> float | int:
        return int(value) if float(value).is_integer() else value

    def from_text(self, text: str) -> object:
        return json_or_text(text)


class Seconds(_Quantity):
    """A duration: seconds, or text with a unit (500ms, 10s, 2m, 1h)."""

    units = _SECONDS

    def __init__(self, low: float = 0.001, high: float = 31_536_000.0) -> None:
        super().__init__(low, high)
        self.expected = f"seconds from {low:.12g} to {high:.12g}, or a duration such as 500ms or 2m"


class Size(_Quantity):
    """A number of bytes, or text with a unit (64k, 8MiB)."""

    units = _SIZES

    def __init__(self, low: int = 0, high: int = 2**40) -> None:
        super().__init__(low, high)
        self.expected = f"a number of bytes from {low} to {high}, or a size such as 64k or 8MiB"

    def read(self, value: object, at: At, faults: Faults) -> int:
        return int(super().read(value, at, faults))


class FilePath(FieldType):
    """A path; a relative one counts from the directory of the settings file."""

    expected = "a path"

    def read(self, value: object, at: At, faults: Faults) -> Path:
        if isinstance(value, str | Path) and str(value) and "\0" not in str(value):
            return Path(value)
        self.wrong(value, at, faults)
        return Path()

    def write(self, value: Path) -> str:
        return str(value)

    def from_text(self, text: str) -> object:
        return text


class CommandLine(ListOf):
    """A program and its arguments: a list, or text split as a shell would. No shell runs it."""

    def __init__(self) -> None:
        super().__init__(Text("a word"), shortest=1)
        self.expected = "a program and its arguments, as a list or as one line"

    def read(self, value: object, at: At, faults: Faults) -> Any:
        if isinstance(value, str):
            try:
                value = shlex.split(value)
            except ValueError as exc:
                self.wrong(value, at, faults, f"{exc}".lower())
                return ()
        return super().read(value, at, faults)

    def from_text(self, text: str) -> object:
        return json_or_text(text) if text.lstrip().startswith("[") else text


class OneOrMore(ListOf):
    """A list; a single value may stand for a list of one."""

    def read(self, value: object, at: At, faults: Faults) -> Any:
        return super().read([value] if isinstance(value, str) else value, at, faults)


class SocketAddress(FieldType):
    """A Unix socket."""

    expected = "a Unix socket such as unix:/run/hello.sock"

    def read(self, value: object, at: At, faults: Faults) -> str:
        path = value.removeprefix("unix:") if isinstance(value, str) else ""
        if not path or "\0" in path or path.startswith(("tcp:", "http:", "https:", "//")):
            self.wrong(value, at, faults)
        return f"unix:{path}"

    def from_text(self, text: str) -> object:
        return text


class NameServer(FieldType):
    """Where a name server listens; port 53 unless it says another."""

    expected = "an IP address, with or without a port, such as 192.0.2.1, 192.0.2.1:5353 or [::1]:53"

    def read(self, value: object, at: At, faults: Faults) -> str:
        split = split_port(value) if isinstance(value, str) else None
        if split is None or not is_ip(split[0]):
            self.wrong(value, at, faults)
        return str(value)

    def from_text(self, text: str) -> object:
        return text


class PortMaps(FieldType):
    """`PUBLIC:LISTENING` pairs; inside, the public port by listening port."""

    expected = "a list of port pairs PUBLIC:LISTENING, such as 80:8000"

    def read(self, value: object, at: At, faults: Faults) -> dict[int, int]:
        maps = {}
        pairs = value.split(",") if isinstance(value, str) else value
        if not isinstance(pairs, list | tuple):
            self.wrong(value, at, faults)
            return {}
        for position, pair in enumerate(pairs):
            split = split_port(f"p{pair}".replace(" ", "")) if isinstance(pair, str) else None
            public = split_port(f"p:{split[0][1:]}") if split and split[1] else None
            if split is None or split[1] is None or public is None or public[1] is None:
                self.wrong(pair, (*at, position), faults)
            else:
                maps[split[1]] = public[1]
        return maps

    def write(self, value: Mapping[int, int]) -> list[str]:
        return [f"{public}:{listening}" for listening, public in value.items()]

    def from_text(self, text: str) -> object:
        return text
