"""The messages of oarlock/1 that the gateway sends, checked.

A wrong type of a known field is a protocol error; fields that are not known are ignored; fields that were cut take
their default. Codes that are not known are no error.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from oarlock_pdk.errors import ProtocolError
from oarlock_pdk.pdk import MAX_CALLS, MAX_FRAME_DEFAULT, MAX_ID, MESSAGES, OUTCOMES, PING_MS
from oarlock_pdk.pdk import WINDOW as WINDOW_SIZE

HELLO: Final = MESSAGES["HELLO"]
WELCOME: Final = MESSAGES["WELCOME"]
PING: Final = MESSAGES["PING"]
PONG: Final = MESSAGES["PONG"]
DRAIN: Final = MESSAGES["DRAIN"]
START: Final = MESSAGES["START"]
STARTED: Final = MESSAGES["STARTED"]
CLOSE: Final = MESSAGES["CLOSE"]
EVENT: Final = MESSAGES["EVENT"]
DONE: Final = MESSAGES["DONE"]
CANCEL: Final = MESSAGES["CANCEL"]
CALL: Final = MESSAGES["CALL"]
REPLY: Final = MESSAGES["REPLY"]
LOG: Final = MESSAGES["LOG"]
CHUNK: Final = MESSAGES["CHUNK"]
WINDOW: Final = MESSAGES["WINDOW"]

# outcomes of DONE
NEXT: Final = OUTCOMES["next"]
DONE_OK: Final = OUTCOMES["done"]
EXIT: Final = OUTCOMES["exit"]
ERROR_PAGE: Final = OUTCOMES["error_page"]
FAILED: Final = OUTCOMES["failed"]

# flags of EVENT
REPORT_READS: Final = 1
IS_RERUN: Final = 2

END: Final = 1  # flag of CHUNK: the stream's last one


class Hello(NamedTuple):
    """What the gateway says of itself."""

    role: str
    versions: tuple[int, int]
    features: frozenset[str]
    node: str  # the gateway's node id: part of the identity within which plugin objects are shared
    peers: int  # connections a member should expect from this node
    max_frame: int  # bytes it takes in one frame
    window: int  # bytes it takes on a stream before it grants more
    max_calls: int  # calls it takes at once for one event
    pdk: int  # highest function number it knows
    ping: float  # seconds
    level: int  # log threshold outside events


class Start(NamedTuple):
    instance: int
    plugin: str
    key: str
    config: dict[str, Any]
    name: str | None


class EventMessage(NamedTuple):
    event: int
    phase: int
    steps: list[int]  # instance, budget in ms, instance, budget in ms …
    facts: list[list[Any]]
    level: int
    flags: int


def read_hello(fields: list[Any]) -> Hello:
    if len(fields) < 3 or fields[1] != "oarlock" or not isinstance(fields[2], dict):
        raise ProtocolError("the first message is not HELLO of oarlock")
    values = fields[2]
    host = _field(values, "host", dict, {})
    limits = _field(values, "limits", dict, {})
    versions = _field(values, "versions", list, [1, 1])
    if len(versions) != 2 or not all(type(version) is int for version in versions):
        raise ProtocolError("HELLO: versions is not [min, max]")
    return Hello(
        role=_field(values, "role", str, "worker"),
        versions=(versions[0], versions[1]),
        features=frozenset(name for name in _field(values, "features", list, []) if isinstance(name, str)),
        node=_field(host, "node_id", str, ""),
        peers=max(1, _field(host, "peers", int, 1)),
        max_frame=_field(limits, "max_frame", int, MAX_FRAME_DEFAULT),
        window=_field(limits, "window", int, WINDOW_SIZE),
        max_calls=_field(limits, "max_calls", int, MAX_CALLS),
        pdk=_field(values, "pdk", int, MAX_ID),
        ping=max(1, _field(values, "ping_ms", int, PING_MS)) / 1000,
        level=_field(values, "level", int, 0),
    )


def read_start(fields: list[Any]) -> Start:
    if len(fields) < 2 or not isinstance(fields[1], dict):
        raise ProtocolError("START holds no map")
    values = fields[1]
    config = values.get("config")
    if config is not None and not isinstance(config, dict):
        raise ProtocolError("START: config is not a map")
    instance = values.get("instance")
    return Start(
        _id(instance, "START: instance"),
        _field(values, "plugin", str, ""),
        _field(values, "key", str, ""),
        config or {},
        values.get("name") if isinstance(values.get("name"), str) else None,
    )


def read_event(fields: list[Any]) -> EventMessage:
    count = len(fields)
    if count < 4:
        raise ProtocolError("EVENT lacks fields")
    _, event, phase, steps = fields[:4]
    facts = fields[4] if count > 4 else []
    level = fields[5] if count > 5 and fields[5] is not None else 0
    flags = fields[6] if count > 6 and fields[6] is not None else 0
    if type(event) is not int or not 0 < event <= MAX_ID:
        raise ProtocolError("EVENT: not an id")
    if type(phase) is not int or type(level) is not int or type(flags) is not int:
        raise ProtocolError("EVENT: phase, level and flags are integers")
    if type(steps) is not list or not steps or len(steps) % 2:
        raise ProtocolError("EVENT: steps are pairs of instance and budget")
    for number in steps:
        if type(number) is not int or number <= 0:
            raise ProtocolError("EVENT: steps are pairs of instance and budget")
    if type(facts) is not list:
        raise ProtocolError("EVENT: facts are segments of keys and values")
    for segment in facts:
        if type(segment) is not list or len(segment) % 2:
            raise ProtocolError("EVENT: facts are segments of keys and values")
    return EventMessage(event, phase, steps, facts, level, flags)


def read_cancel(fields: list[Any]) -> tuple[int, str]:
    reason = fields[2] if len(fields) > 2 else ""
    if not isinstance(reason, str):
        raise ProtocolError("CANCEL: the reason is a text")
    return read_id(fields, "CANCEL"), reason


def read_reply(fields: list[Any]) -> tuple[int, Any, tuple[str, str] | None]:
    """Return (call, result, error)."""
    call = read_id(fields, "REPLY")
    error = fields[3] if len(fields) > 3 else None
    if error is None:
        return call, fields[2] if len(fields) > 2 else None, None
    if type(error) is not list or not error or not all(isinstance(part, str) for part in error[:2]):
        raise ProtocolError("REPLY: an error is [code, text]")
    return call, None, (error[0], error[1] if len(error) > 1 else "")


def read_chunk(fields: list[Any]) -> tuple[int, int, bytes, int]:
    """Return (event, stream, data, flags)."""
    if len(fields) < 4 or type(fields[2]) is not int or type(fields[3]) is not bytes:
        raise ProtocolError("CHUNK: event, stream and data are needed")
    flags = fields[4] if len(fields) > 4 and fields[4] is not None else 0
    if type(flags) is not int:
        raise ProtocolError("CHUNK: flags are an integer")
    return _id(fields[1], "CHUNK"), fields[2], fields[3], flags


def read_window(fields: list[Any]) -> tuple[int, int, int]:
    """Return (event, stream, bytes granted)."""
    if len(fields) < 4 or type(fields[2]) is not int or type(fields[3]) is not int or fields[3] < 0:
        raise ProtocolError("WINDOW: event, stream and bytes are needed")
    return _id(fields[1], "WINDOW"), fields[2], fields[3]


def read_id(fields: list[Any], what: str) -> int:
    """Return the id that is the first field."""
    if len(fields) < 2:
        raise ProtocolError(f"{what} lacks its field")
    return _id(fields[1], what)


def read_drain(fields: list[Any]) -> tuple[str, str]:
    """Return (code, text); "" as code is an orderly end."""
    code = fields[1] if len(fields) > 1 else ""
    if not isinstance(code, str):
        raise ProtocolError("DRAIN: the code is a text")
    return code, str(fields[2]) if len(fields) > 2 and fields[2] is not None else ""


def _id(value: Any, what: str) -> int:
    if type(value) is not int or not 0 <= value <= MAX_ID:
        raise ProtocolError(f"{what}: not an id")
    return value


def _field(values: dict[str, Any], key: str, kind: type[Any], default: Any) -> Any:
    value = values.get(key)
    if value is None:
        return default
    if type(value) is not kind:
        raise ProtocolError(f"{key} is not a {kind.__name__}")
    return value
