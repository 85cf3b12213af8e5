"""Arguments of PDK functions, checked against the table and brought to the host's types.

The bindings in the plugins check as well; the host never relies on it. Texts become `bytes`, whole floats integers,
headers pairs of a name in lower case and lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import call
from typing import Any, Final

from oarlock.pdk.values import to_bytes, written_headers
from oarlock_pluginserver._generated.pdk_table import FUNCTIONS, Arg, Function
from oarlock_pluginserver.errors import PdkError

Convert = Callable[[object], Any]

# Texts of the reference that the general rule does not give: by function and argument, with the value's place as {}.
_CODE: Final = "code must be a number between 100 and 599"
_WHOLE: Final = "{name} must be an integer between {minimum} and {maximum}: given {value}"
_TEXTS: Final = {
    ("kong.response.set_status", "status"): _CODE,
    ("kong.response.exit", "status"): _CODE,
    ("kong.response.error", "status"): "code must be a number between 400 and 599",
    ("kong.response.exit", "body"): "body must be a nil, string or table",
    ("kong.response.error", "message"): "message must be a nil, string or table",
    ("kong.service.set_target", "port"): _WHOLE,
    ("kong.service.set_retries", "retries"): _WHOLE,
    ("kong.service.set_timeouts", "connect_timeout"): _WHOLE,
    ("kong.service.set_timeouts", "write_timeout"): _WHOLE,
    ("kong.service.set_timeouts", "read_timeout"): _WHOLE,
    ("kong.log.set_serialize_value", "mode"): "mode must be 'set', 'add' or 'replace'",
    ("kong.node.get_memory_stats", "unit"): "invalid unit '{value}' (expected 'k/K', 'm/M', or 'g/G')",
    ("kong.node.get_memory_stats", "scale"): "scale must be equal or greater than 0",
}


class _Wrong(Exception):
    """A value does not fit its argument; says how."""


def check(function: Function, given: Sequence[object]) -> list[Any]:
    """Return the arguments of a call, one for each that the table has.

    Raises:
        PdkError: `bad_args`; `unsupported` for an argument that this host does not know.
    """
    converters = _CONVERTERS[function.number]
    if len(given) == len(converters):
        return list(map(call, converters, given))
    if len(given) > len(converters) and any(value is not None for value in given[len(converters) :]):
        raise PdkError("unsupported", f"{function.name}: {len(given)} arguments, known here are {len(converters)}")
    return [convert(given[index] if index < len(given) else None) for index, convert in enumerate(converters)]


def _converter(function: Function, arg: Arg) -> Convert:
    of_type = _TYPES[arg.type]
    has_limits = any(limit is not None for limit in (arg.minimum, arg.maximum, arg.prefix, arg.one_of))

    def convert(value: object) -> Any:
        if value is None and arg.optional:
            return arg.default
        try:
            found = of_type(value)
            if has_limits:
                _check_limits(arg, value, found)
        except _Wrong as wrong:
            text = _TEXTS.get((function.name, arg.name), str(wrong))
            shown = repr(value)[:64] if not isinstance(value, str) else value[:64]
            raise PdkError(
                "bad_args", text.format(name=arg.name, minimum=arg.minimum, maximum=arg.maximum, value=shown)
            ) from None
        return found

    def convert_text(value: object) -> Any:
        return value.encode("utf-8", "surrogateescape") if type(value) is str else convert(value)

    def pass_on(value: object) -> Any:
        return convert(None) if value is None else value

    if has_limits or of_type not in (_text, _as_it_is):
        return convert
    return convert_text if of_type is _text else pass_on  # nearly all of them


def _check_limits(arg: Arg, value: object, found: Any) -> None:
    if arg.minimum is not None and found < arg.minimum:
        raise _Wrong("{name} must be >= {minimum}")
    if arg.maximum is not None and found > arg.maximum:
        raise _Wrong("{name} must be <= {maximum}")
    if arg.one_of and value not in arg.one_of:
        raise _Wrong("invalid {name}: {value}")
    if arg.prefix is not None and not found.startswith(arg.prefix.encode() if isinstance(found, bytes) else arg.prefix):
        raise _Wrong("{name} must start with {prefix}".replace("{prefix}", arg.prefix))


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise _Wrong("{name} must be a string")
    return value


def _text(value: object) -> bytes:
    if not isinstance(value, str | bytes):
        raise _Wrong("{name} must be a string")
    return to_bytes(value)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Wrong("{name} must be a number")
    return value


def _integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Wrong("{name} must be a number")
    if isinstance(value, float) and not value.is_integer():
        raise _Wrong("{name} must be an integer")
    return int(value)


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("{name} must be a boolean")
    return value


def _map(value: object) -> dict[Any, Any]:
    if isinstance(value, dict):
        return value
    if isinstance(value, list | tuple) and not value:  # an empty table of a language that has but one kind
        return {}
    raise _Wrong("{name} must be a table")


def _array(value: object) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise _Wrong("{name} must be a table")
    return list(value)


def _content(value: object) -> Any:
    if not isinstance(value, str | bytes | dict | list):
        raise _Wrong("{name} must be a nil, string or table")
    return to_bytes(value) if isinstance(value, str | bytes) else value


def _as_it_is(value: object) -> object:
    return value


_TYPES: Final[dict[str, Convert]] = {
    "string": _string,
    "text": _text,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "any": _as_it_is,
    "map": _map,
    "array": _array,
    "body": _text,
    "content": _content,
    "header_value": _as_it_is,  # checked by the function, which knows the header's name
    "headers": written_headers,
}

_CONVERTERS: Final = {
    number: tuple(_converter(function, arg) for arg in function.args) for number, function in FUNCTIONS.items()
}
