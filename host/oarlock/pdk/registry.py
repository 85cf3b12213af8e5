"""Which Python function answers which PDK function.

    @implements("kong.request.get_method")
    def get_method(c: Caller) -> Text: ...

The name, and the number of arguments after the caller, are held against the table when the module is imported.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Final, TypeVar

from oarlock_pluginserver._generated.pdk_table import BY_NAME

Implementation = Callable[..., Any]
_F = TypeVar("_F", bound=Implementation)

IMPLEMENTATIONS: Final[dict[int, Implementation]] = {}  # by function number


def implements(name: str) -> Callable[[_F], _F]:
    """Register the decorated function as the host's side of the PDK function `name`.

    Raises:
        LookupError: the table has no such function.
        TypeError: it is implemented already, or its arguments are not those of the table.
    """
    try:
        function = BY_NAME[name]
    except KeyError:
        raise LookupError(f"proto/pdk.toml has no function {name}") from None

    def register(implementation: _F) -> _F:
        _, *parameters = inspect.signature(implementation).parameters
        expected = [arg.name for arg in function.args]
        if parameters != expected:
            raise TypeError(f"{name} takes {expected} in proto/pdk.toml, {parameters} in {implementation.__module__}")
        if IMPLEMENTATIONS.setdefault(function.number, implementation) is not implementation:
            raise TypeError(f"{name} is implemented twice")
        return implementation

    return register
