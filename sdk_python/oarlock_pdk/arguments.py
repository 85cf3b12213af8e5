"""Checks a PDK function's arguments against the table, where the plugin made the mistake.

The gateway checks everything again. What is refused here is refused with the line of the plugin in the traceback.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from oarlock_pdk.codec import plain, text_of
from oarlock_pdk.errors import PdkError

if TYPE_CHECKING:
    from oarlock_pdk.pdk import Arg


class Check(NamedTuple):
    """How one argument is checked."""

    argument: Arg
    convert: Callable[[Any], Any]
    is_limited: bool  # by a range, a list of choices or a prefix
    takes_text: bool  # any plain text will do


def check_of(argument: Arg) -> Check:
    """Return the check that the table asks for."""
    limits = argument.minimum, argument.maximum, argument.one_of, argument.prefix
    is_limited = any(limit is not None for limit in limits)
    takes_text = argument.type in ("string", "text", "header_value", "any") and not is_limited
    return Check(argument, _CHECKS[argument.type], is_limited, takes_text)


def check_arguments(function: str, checks: Sequence[Check], args: Sequence[Any]) -> list[Any]:
    """Return `args` as they go on the wire: checked, copied, trailing ones cut that are None or have their default.

    Raises:
        PdkError: bad_args, naming function and argument.
    """
    if len(args) > len(checks):
        raise PdkError("bad_args", f"{function} takes {len(checks)} arguments, not {len(args)}")
    checked: list[Any] = []
    for place, (argument, convert, is_limited, takes_text) in enumerate(checks):
        value = args[place] if place < len(args) else None
        if takes_text and type(value) is str and value.isascii():
            checked.append(value)
            continue
        if value is None:
            if not argument.optional and argument.type != "any":
                raise _bad(function, argument.name, f"{_EXPECTED[argument.type]} is needed, not nil")
            checked.append(None)
            continue
        try:
            value = convert(value)
        except ValueError as error:
            raise _bad(function, argument.name, str(error)) from None
        except PdkError as error:
            raise _bad(function, argument.name, error.text) from None
        if is_limited:
            _check_limits(function, argument, value)
        checked.append(value)
    while checked and (checked[-1] is None or checked[-1] == checks[len(checked) - 1].argument.default):
        checked.pop()
    return checked


def _check_limits(function: str, argument: Arg, value: Any) -> None:
    if argument.minimum is not None and value < argument.minimum:
        raise _bad(function, argument.name, f"at least {argument.minimum} is expected, not {value}")
    if argument.maximum is not None and value > argument.maximum:
        raise _bad(function, argument.name, f"at most {argument.maximum} is expected, not {value}")
    if argument.one_of and value not in argument.one_of:
        raise _bad(
            function, argument.name, f"one of {', '.join(map(str, argument.one_of))} is expected, not {value!r:.60}"
        )
    if argument.prefix and not value.startswith(argument.prefix):
        raise _bad(function, argument.name, f"it must start with {argument.prefix!r}, and is {value!r:.60}")


def _bad(function: str, argument: str, text: str) -> PdkError:
    return PdkError("bad_args", f"{function}: {argument}: {text}")


def _refuse(kind: str, value: Any) -> ValueError:
    return ValueError(f"{_EXPECTED[kind]} is expected, not {type(value).__name__} ({value!r:.60})")


def _string(value: Any) -> Any:
    if not isinstance(value, (str, bytes)):
        raise _refuse("text", value)
    return plain(text_of(value))


def _integer(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _refuse("integer", value)
    return plain(value)


def _number(value: Any) -> Any:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise _refuse("number", value)
    return plain(value)


def _boolean(value: Any) -> Any:
    if not isinstance(value, bool):
        raise _refuse("boolean", value)
    return value


def _map(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise _refuse("map", value)
    return plain(dict(value))


def _array(value: Any) -> Any:
    if not isinstance(value, (list, tuple)):
        raise _refuse("array", value)
    return plain(value)


def _header_value(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_string(item) for item in value]
    if isinstance(value, (str, bytes)):
        return _string(value)
    if isinstance(value, (bool, int, float)):
        return plain(value)
    raise _refuse("header_value", value)


def _headers(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise _refuse("headers", value)
    flat: list[Any] = []
    for name, content in value.items():
        flat += (_string(name), _header_value(content))
    return flat


def _body(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    raise _refuse("body", value)


def _content(value: Any) -> Any:
    if isinstance(value, Mapping):
        return plain(dict(value))
    if isinstance(value, (list, tuple)):
        return plain(value)
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    raise _refuse("content", value)


_EXPECTED: Final[dict[str, str]] = {
    "string": "text",
    "text": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "map": "a dict",
    "array": "a list",
    "headers": "a dict of header names and values",
    "header_value": "text, a number, a bool or a list of texts",
    "body": "bytes or text",
    "content": "text, bytes, a dict or a list",
    "any": "a value",
}
_CHECKS: Final[dict[str, Callable[[Any], Any]]] = {
    "string": _string,
    "text": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "map": _map,
    "array": _array,
    "headers": _headers,
    "header_value": _header_value,
    "body": _body,
    "content": _content,
    "any": plain,
}
