"""What a route may ask for beyond host, path and method: headers and the TLS server name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from oarlock.proxy.exchange import Headers
from oarlock.router.pattern import Pattern


class Conditions:
    """Matchers that no index knows: tried one by one on what host, path and method leave."""

    __slots__ = ("_headers", "_sni_ends", "_sni_starts", "_snis")

    def __init__(self, headers: Mapping[str, Sequence[str]], snis: Sequence[str], backtracking: bool) -> None:
        """Raises PatternRefused."""
        self._headers = [(name.lower().encode(), _accepts(values, backtracking)) for name, values in headers.items()]
        names = [sni.lower().removesuffix(".") for sni in snis]
        self._snis = frozenset(name for name in names if "*" not in name)
        self._sni_ends = tuple(name[1:] for name in names if name.startswith("*"))
        self._sni_starts = tuple(name[:-1] for name in names if name.endswith(".*"))

    def hold(self, headers: Headers, scheme: str, sni: str | None) -> bool:
        """Whether each named header has an accepted value, and the server name is one of ours (plain http passes)."""
        for name, accepts in self._headers:
            for field in headers:
                if field[0] == name and accepts(field[1].lower()):
                    break
            else:
                return False
        return scheme == "http" or self._has_sni(sni)

    def _has_sni(self, sni: str | None) -> bool:
        if not (self._snis or self._sni_ends or self._sni_starts):
            return True
        if sni is None:
            return False
        name = sni.lower().removesuffix(".")
        return (
            name in self._snis
            or any(name.endswith(end) and len(name) > len(end) for end in self._sni_ends)
            or any(name.startswith(start) and len(name) > len(start) for start in self._sni_starts)
        )


def _accepts(values: Sequence[str], backtracking: bool) -> Callable[[bytes], bool]:
    if len(values) == 1 and values[0].startswith("~*"):
        return Pattern(values[0][2:], backtracking).search
    return frozenset(value.lower().encode() for value in values).__contains__
