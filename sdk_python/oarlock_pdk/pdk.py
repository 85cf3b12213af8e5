# GENERATED from proto/pdk.toml by proto/generate.py; do not edit.
"""The PDK: `Kong` for plain handlers, `AsyncKong` for async ones, and the table of all functions."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NoReturn, Protocol


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument of a PDK function."""

    name: str
    type: str
    optional: bool = False
    default: object = None
    minimum: int | None = None
    maximum: int | None = None
    one_of: tuple[str, ...] | None = None
    prefix: str | None = None  # a text must begin with it
    variadic: bool = False  # any number of these, each an argument of its own


@dataclass(frozen=True, slots=True)
class Stale:
    """What one entry of `invalidates` does to facts of `function`.

    The keys of a change are: the value of its argument `argument`; with `each`, the keys of that map; or `literal`.
    Without a key every fact of the function goes stale. With a key and an empty `only`, the facts whose first argument
    is that key. With `only`, every fact of the function if a key is in `only`. Names of headers are compared folded:
    ASCII lower case, `_` as `-`.
    """

    function: int
    argument: int | None = None
    each: bool = False
    literal: str | None = None
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One PDK function; the fields are described at the top of proto/pdk.toml."""

    number: int
    name: str
    kind: str  # fact, change, call, outcome, log
    phases: frozenset[int]
    args: tuple[Arg, ...] = ()
    result: str = "nothing"
    lookup: tuple[int, str] | None = None  # number of the fact to look in, rule
    headers: tuple[str, ...] = ()
    invalidates: tuple[str, ...] = ()
    stales: tuple[Stale, ...] = ()  # `invalidates`, resolved
    writes: str | None = None
    write: tuple[int, int, int] | None = None  # `writes`, resolved: function, index of the key, index of the value
    outcome: str | None = None
    log_level: str | None = None
    replans: bool = False
    effect: bool = False
    prefetch: bool = False
    kong: bool = True
    available: bool = True
    unavailable_reason: str = ""
    external: bool = True
    since: str = "0.1.0"
    deprecated: str = ""


VERSIONS: Final = (1, 1)  # lowest and highest protocol version
FEATURES: Final = ("fusion", "streams", "reads")

PHASES: Final[dict[str, int]] = {
    "certificate": 1,
    "rewrite": 2,
    "access": 3,
    "response": 4,
    "log": 5,
    "preread": 6,
    "response_headers": 7,
    "request_body": 8,
    "response_body": 9,
    "ws_handshake": 10,
    "ws_client_frame": 11,
    "ws_upstream_frame": 12,
}
PHASE_NAMES: Final = {number: name for name, number in PHASES.items()}
LOG_LEVELS: Final[dict[str, int]] = {
    "debug": 1,
    "info": 2,
    "notice": 3,
    "warn": 4,
    "err": 5,
    "crit": 6,
    "alert": 7,
}
OUTCOMES: Final[dict[str, int]] = {
    "next": 0,
    "done": 1,
    "exit": 2,
    "error_page": 3,
    "failed": 4,
}
MESSAGES: Final[dict[str, int]] = {
    "HELLO": 1,
    "WELCOME": 2,
    "PING": 4,
    "PONG": 5,
    "DRAIN": 6,
    "START": 8,
    "STARTED": 9,
    "CLOSE": 10,
    "EVENT": 16,
    "DONE": 17,
    "CANCEL": 18,
    "CALL": 20,
    "REPLY": 21,
    "LOG": 24,
    "CHUNK": 28,
    "WINDOW": 29,
}

# Error codes, each with the status that a client sees under `fail_closed` (0: none).
ERROR_STATUS: Final[dict[str, int]] = {
    "failed": 500,
    "bad_change": 500,
    "deadline": 504,
    "cancelled": 0,
    "client_gone": 0,
    "refused": 503,
    "no_instance": 503,
    "bad_config": 503,
    "start_failed": 503,
    "lost": 500,
    "overload": 503,
    "unavailable": 503,
    "gone": 500,
    "bad_args": 500,
    "wrong_phase": 500,
    "unsupported": 500,
    "too_large": 500,
    "pdk": 500,
    "internal": 500,
    "version": 503,
    "auth": 503,
    "protocol": 500,
    "limit": 500,
    "stalled": 500,
    "mismatch": 503,
}
ERROR_CODES: Final = frozenset(ERROR_STATUS)

MAX_FRAME_DEFAULT: Final = 1048576  # bytes of one frame's value, unless the receiver said otherwise
MAX_FRAME_MINIMUM: Final = 262144  # bytes; no peer may ask for less
MAX_HELLO: Final = 65536  # bytes of the first frame to a server
MAX_WELCOME: Final = 1048576  # bytes of the first frame to a host
HANDSHAKE_TIMEOUT: Final = 5.0  # seconds for HELLO, and again for WELCOME
MAX_DEPTH: Final = 32  # arrays and maps within each other, the message included
MAX_ELEMENTS: Final = 15  # elements of a message
MAX_ID: Final = 9007199254740991  # 2^53 - 1: ids, sizes, counters
MAX_ERROR_CODE: Final = 32  # bytes of an error code
MAX_CHANGES: Final = 1000  # changes of one step
MAX_CALLS: Final = 64  # calls in flight per event
MAX_STARTS: Final = 16  # STARTs without STARTED per connection
MAX_INSTANCES: Final = 1000  # instances per connection
MAX_LOG_EVENTS: Final = 64  # log events in flight per connection
MAX_BUDGET_MS: Final = 2147483647  # milliseconds; the smallest budget is 1
DEFAULT_BUDGET_MS: Final = 5000  # milliseconds of a step
DEFAULT_LOG_BUDGET_MS: Final = 10000  # milliseconds of a step of the log phase
WINDOW: Final = 262144  # bytes of a stream that may be under way ungranted
MAX_CHUNK: Final = 65536  # bytes of data in one CHUNK
BLOB_THRESHOLD: Final = 65536  # bytes; a longer value travels as a blob
FACTS_BUDGET: Final = 16384  # bytes of facts per event
MAX_HEADERS_BLOCK: Final = 8192  # bytes; a longer block of headers is sent as single keys
MAX_WHOLE_SHARED: Final = 1024  # bytes; a larger kong.ctx.shared is sent as single keys
MAX_BODY_FACT: Final = 65536  # bytes; a longer declared body is left out and called for
MAX_LEARNED_KEYS: Final = 32  # keys learned per plugin and phase
MAX_LEARNED_ARGUMENTS: Final = 64  # bytes of a learned key's arguments
REPORT_READS_EVERY: Final = 256  # events: about one in so many asks for the keys read
DONE_HOLD_MS: Final = 5  # milliseconds that a `next` may be held to be written with what follows
LOG_GATHER_MS: Final = 20  # milliseconds that log events are gathered
LOG_RING_EVENTS: Final = 10000  # log events waiting per server; the oldest goes
LOG_RING_BYTES: Final = 16777216  # bytes of facts of waiting log events per server
LOG_QUEUE_LINES: Final = 1000  # LOG lines an SDK keeps; the oldest goes
LOG_LINES_PER_SECOND: Final = 1000  # LOG lines a host takes per second and server
PING_MS: Final = 5000  # milliseconds of silence before a PING
PINGS_MISSED: Final = 3  # silent intervals after which a peer is lost
DRAIN_GRACE: Final = 30.0  # seconds for events to end after DRAIN
STALL_TIMEOUT: Final = 10.0  # seconds without progress of a write before DRAIN `stalled`
STUCK_AFTER: Final = 30.0  # seconds past CANCEL after which a member is to be replaced
MAX_UNSENT: Final = 4194304  # bytes unsent above which a member gets no events
MAX_QUEUE_TIME: Final = 1.0  # seconds an event waits for a credit; at most half its budget
MAX_TURN_FRAMES: Final = 64  # frames of one connection handled per turn of the loop
MAX_TURN_BYTES: Final = 262144  # bytes of one connection handled per turn of the loop
MAX_BATCH: Final = 1048576  # bytes of one gRPC Batch
BATCH_FILL: Final = 65536  # bytes of queued messages gathered into one Batch
HOST_FUNCTIONS: Final = 10000  # first number of functions that a host defines
DEFAULT_MAX_HEADERS: Final = 100  # lines that get_headers and arguments that get_query return when not told

_IN_1: Final = frozenset({1})
_IN_1_2_3_4_5_6_7_8_9_10_11_12: Final = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
_IN_2_3: Final = frozenset({2, 3})
_IN_2_3_4: Final = frozenset({2, 3, 4})
_IN_2_3_4_5: Final = frozenset({2, 3, 4, 5})
_IN_2_3_4_5_6_7_8_9_10_11_12: Final = frozenset({2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
_IN_2_3_4_5_7_8_9_10_11_12: Final = frozenset({2, 3, 4, 5, 7, 8, 9, 10, 11, 12})
_IN_2_3_4_5_7_9: Final = frozenset({2, 3, 4, 5, 7, 9})
_IN_2_3_4_6_7: Final = frozenset({2, 3, 4, 6, 7})
_IN_2_3_4_7: Final = frozenset({2, 3, 4, 7})
_IN_2_3_6: Final = frozenset({2, 3, 6})
_IN_3: Final = frozenset({3})
_IN_3_4_5_7_8_9_10_11_12: Final = frozenset({3, 4, 5, 7, 8, 9, 10, 11, 12})
_IN_4: Final = frozenset({4})
_IN_4_5_7_9: Final = frozenset({4, 5, 7, 9})
_IN_5: Final = frozenset({5})
_IN_6: Final = frozenset({6})
_IN_10: Final = frozenset({10})
_IN_11: Final = frozenset({11})
_IN_12: Final = frozenset({12})

FUNCTIONS: Final[dict[int, Function]] = {
    1: Function(
        number=1,
        name="kong.exchange.get_id",
        kind="fact",
        phases=_IN_2_3_4_5_6_7_8_9_10_11_12,
        result="string",
        prefetch=True,
        kong=False,
    ),
    2: Function(
        number=2,
        name="kong.exchange.get_trace_context",
        kind="fact",
        phases=_IN_2_3_4_5_6_7_8_9_10_11_12,
        result="string?",
        prefetch=True,
        kong=False,
    ),
    3: Function(
        number=3,
        name="kong.exchange.get_route_id",
        kind="fact",
        phases=_IN_3_4_5_7_8_9_10_11_12,
        result="string?",
        prefetch=True,
        kong=False,
    ),
    4: Function(
        number=4,
        name="kong.exchange.get_service_id",
        kind="fact",
        phases=_IN_3_4_5_7_8_9_10_11_12,
        result="string?",
        prefetch=True,
        kong=False,
    ),
    5: Function(
        number=5,
        name="kong.exchange.get_consumer_id",
        kind="fact",
        phases=_IN_3_4_5_7_8_9_10_11_12,
        result="string?",
        prefetch=True,
        kong=False,
    ),
    6: Function(
        number=6,
        name="kong.exchange.get_credential_id",
        kind="fact",
        phases=_IN_3_4_5_7_8_9_10_11_12,
        result="string?",
        prefetch=True,
        kong=False,
    ),
    7: Function(
        number=7,
        name="kong.exchange.get_server_name",
        kind="fact",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="string?",
        prefetch=True,
        kong=False,
        available=False,
        unavailable_reason="TLS listeners are not supported yet",
    ),
    8: Function(
        number=8,
        name="kong.exchange.get_latencies",
        kind="fact",
        phases=_IN_5,
        result="map",
        prefetch=True,
        kong=False,
    ),
    9: Function(
        number=9,
        name="kong.exchange.get_sizes",
        kind="fact",
        phases=_IN_5,
        result="map",
        prefetch=True,
        kong=False,
    ),
    10: Function(
        number=10,
        name="kong.exchange.get_shared",
        kind="fact",
        phases=_IN_2_3_4_5_6_7_8_9_10_11_12,
        result="map",
        kong=False,
        external=False,
    ),
    11: Function(
        number=11,
        name="kong.exchange.get_plugin_ctx",
        kind="fact",
        phases=_IN_2_3_4_5_6_7_8_9_10_11_12,
        result="map",
        args=(Arg("instance", "integer", minimum=1),),
        kong=False,
        external=False,
    ),
    18: Function(
        number=18,
        name="kong.request.get_start_time",
        kind="fact",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="integer",
        prefetch=True,
    ),
    19: Function(
        number=19,
        name="kong.request.get_uri_captures",
        kind="fact",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="map",
        prefetch=True,
    ),
    20: Function(
        number=20,
        name="kong.client.get_ip",
        kind="fact",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="string",
        prefetch=True,
    ),
    21: Function(
        number=21,
        name="kong.client.get_forwarded_ip",
        kind="fact",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="string",
        prefetch=True,
    ),
    22: Function(
        number=22,
        name="kong.client.get_port",
        kind="fact",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="integer",
        prefetch=True,
    ),
    23: Function(
        number=23,
        name="kong.client.get_forwarded_port",
        kind="fact",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="integer?",
        prefetch=True,
    ),
    24: Function(
        number=24,
        name="kong.client.load_consumer",
        kind="call",
        phases=_IN_3_4_5_7_8_9_10_11_12,
        result="map?",
        args=(Arg("consumer_id", "string"), Arg("search_by_username", "boolean", optional=True, default=False)),
    ),
    25: Function(
        number=25,
        name="kong.client.get_consumer",
        kind="fact",
        phases=_IN_3_4_5_7_8_9_10_11_12,
        result="map?",
        prefetch=True,
    ),
    26: Function(
        number=26,
        name="kong.client.get_credential",
        kind="fact",
        phases=_IN_3_4_5_7_8_9_10_11_12,
        result="map?",
        prefetch=True,
    ),
    27: Function(
        number=27,
        name="kong.client.authenticate",
        kind="change",
        phases=_IN_3,
        result="nothing",
        args=(Arg("consumer", "map", optional=True), Arg("credential", "map", optional=True)),
        invalidates=(
            "client.get_consumer",
            "client.get_credential",
            "exchange.get_consumer_id",
            "exchange.get_credential_id",
            "client.get_consumer_group",
            "client.get_consumer_groups",
            "nginx.get_var",
        ),
        stales=(Stale(25), Stale(26), Stale(5), Stale(6), Stale(30), Stale(31), Stale(134)),
        replans=True,
    ),
    28: Function(
        number=28,
        name="kong.client.get_protocol",
        kind="fact",
        phases=_IN_3_4_5_7_8_9_10_11_12,
        result="string",
        args=(Arg("allow_terminated", "boolean", optional=True, default=False),),
        headers=("x-forwarded-proto",),
        prefetch=True,
    ),
    29: Function(
        number=29,
        name="kong.client.authenticate_consumer_group_by_consumer_id",
        kind="change",
        phases=_IN_3,
        result="nothing",
        args=(Arg("consumer_id", "string"),),
        invalidates=("client.get_consumer_group", "client.get_consumer_groups"),
        stales=(Stale(30), Stale(31)),
        replans=True,
    ),
    30: Function(
        number=30,
        name="kong.client.get_consumer_group",
        kind="fact",
        phases=_IN_3_4_5_7_8_9_10_11_12,
        result="map?",
        prefetch=True,
    ),
    31: Function(
        number=31,
        name="kong.client.get_consumer_groups",
        kind="fact",
        phases=_IN_3_4_5_7_8_9_10_11_12,
        result="array?",
        prefetch=True,
    ),
    32: Function(
        number=32,
        name="kong.client.set_authenticated_consumer_group",
        kind="change",
        phases=_IN_3,
        result="nothing",
        args=(Arg("group", "map", optional=True),),
        invalidates=("client.get_consumer_group", "client.get_consumer_groups"),
        stales=(Stale(30), Stale(31)),
        replans=True,
    ),
    33: Function(
        number=33,
        name="kong.client.set_authenticated_consumer_groups",
        kind="change",
        phases=_IN_3,
        result="nothing",
        args=(Arg("groups", "array", optional=True),),
        invalidates=("client.get_consumer_group", "client.get_consumer_groups"),
        stales=(Stale(30), Stale(31)),
        replans=True,
    ),
    40: Function(
        number=40,
        name="kong.request.get_method",
        kind="fact",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="string",
        prefetch=True,
    ),
    41: Function(
        number=41,
        name="kong.request.get_scheme",
        kind="fact",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="string",
        prefetch=True,
    ),
    42: Function(
        number=42,
        name="kong.request.get_host",
        kind="fact",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="text",
        headers=("host",),
        prefetch=True,
    ),
    43: Function(
        number=43,
        name="kong.request.get_port",
        kind="fact",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="integer",
        prefetch=True,
    ),
    44: Function(
        number=44,
        name="kong.request.get_path",
        kind="fact",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="text",
        prefetch=True,
    ),
    45: Function(
        number=45,
        name="kong.request.get_raw_path",
        kind="fact",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="text",
        prefetch=True,
    ),
    46: Function(
        number=46,
        name="kong.request.get_path_with_query",
        kind="fact",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="text",
        prefetch=True,
    ),
    47: Function(
        number=47,
        name="kong.request.get_raw_query",
        kind="fact",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="text",
        prefetch=True,
    ),
    48: Function(
        number=48,
        name="kong.request.get_query_arg",
        kind="fact",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="query_value?",
        args=(Arg("name", "text"),),
        lookup=(49, "query_arg"),
        prefetch=True,
    ),
    49: Function(
        number=49,
        name="kong.request.get_query",
        kind="fact",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="query",
        args=(Arg("max_args", "integer", optional=True, minimum=1, maximum=1000),),
        prefetch=True,
    ),
    50: Function(
        number=50,
        name="kong.request.get_header",
        kind="fact",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="text?",
        args=(Arg("name", "text"),),
        lookup=(51, "header"),
        prefetch=True,
    ),
    51: Function(
        number=51,
        name="kong.request.get_headers",
        kind="fact",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="headers",
        args=(Arg("max_headers", "integer", optional=True, minimum=1, maximum=1000),),
        lookup=(51, "headers"),
        prefetch=True,
    ),
    52: Function(
        number=52,
        name="kong.request.get_http_version",
        kind="fact",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="number?",
        prefetch=True,
    ),
    53: Function(
        number=53,
        name="kong.request.get_forwarded_scheme",
        kind="fact",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="text",
        headers=("x-forwarded-proto",),
        prefetch=True,
    ),
    54: Function(
        number=54,
        name="kong.request.get_forwarded_host",
        kind="fact",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="text",
        headers=("x-forwarded-host", "host"),
        prefetch=True,
    ),
    55: Function(
        number=55,
        name="kong.request.get_forwarded_port",
        kind="fact",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="integer",
        headers=("x-forwarded-port", "x-forwarded-host"),
        prefetch=True,
    ),
    56: Function(
        number=56,
        name="kong.request.get_forwarded_path",
        kind="fact",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="text",
        headers=("x-forwarded-path",),
        prefetch=True,
    ),
    57: Function(
        number=57,
        name="kong.request.get_forwarded_prefix",
        kind="fact",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="text?",
        headers=("x-forwarded-prefix",),
        prefetch=True,
    ),
    58: Function(
        number=58,
        name="kong.request.get_raw_body",
        kind="fact",
        phases=_IN_2_3_4,
        result="body",
        args=(Arg("max_allowed_file_size", "integer", optional=True),),
    ),
    59: Function(
        number=59,
        name="kong.request.get_body",
        kind="fact",
        phases=_IN_2_3_4,
        result="any",
        args=(
            Arg("mimetype", "string", optional=True),
            Arg("max_args", "integer", optional=True, minimum=1, maximum=1000),
            Arg("max_allowed_file_size", "integer", optional=True),
        ),
        headers=("content-type",),
    ),
    60: Function(
        number=60,
        name="kong.response.set_header",
        kind="change",
        phases=_IN_2_3_4_7,
        result="nothing",
        args=(Arg("name", "text"), Arg("value", "header_value")),
        invalidates=("response.get_header[name]", "response.get_headers", "nginx.get_var"),
        stales=(Stale(66, argument=0), Stale(67), Stale(134)),
    ),
    61: Function(
        number=61,
        name="kong.response.add_header",
        kind="change",
        phases=_IN_2_3_4_7,
        result="nothing",
        args=(Arg("name", "text"), Arg("value", "header_value")),
        invalidates=("response.get_header[name]", "response.get_headers", "nginx.get_var"),
        stales=(Stale(66, argument=0), Stale(67), Stale(134)),
    ),
    62: Function(
        number=62,
        name="kong.response.clear_header",
        kind="change",
        phases=_IN_2_3_4_7,
        result="nothing",
        args=(Arg("name", "text"),),
        invalidates=("response.get_header[name]", "response.get_headers", "nginx.get_var"),
        stales=(Stale(66, argument=0), Stale(67), Stale(134)),
    ),
    63: Function(
        number=63,
        name="kong.response.set_headers",
        kind="change",
        phases=_IN_2_3_4_7,
        result="nothing",
        args=(Arg("headers", "headers"),),
        invalidates=("response.get_header[headers.*]", "response.get_headers", "nginx.get_var"),
        stales=(Stale(66, argument=0, each=True), Stale(67), Stale(134)),
    ),
    64: Function(
        number=64,
        name="kong.response.set_status",
        kind="change",
        phases=_IN_2_3_4_7,
        result="nothing",
        args=(Arg("status", "integer", minimum=100, maximum=599),),
        invalidates=("response.get_status", "nginx.get_var"),
        stales=(Stale(65), Stale(134)),
    ),
    65: Function(
        number=65,
        name="kong.response.get_status",
        kind="fact",
        phases=_IN_4_5_7_9,
        result="integer",
        prefetch=True,
    ),
    66: Function(
        number=66,
        name="kong.response.get_header",
        kind="fact",
        phases=_IN_4_5_7_9,
        result="text?",
        args=(Arg("name", "text"),),
        lookup=(67, "header"),
        prefetch=True,
    ),
    67: Function(
        number=67,
        name="kong.response.get_headers",
        kind="fact",
        phases=_IN_4_5_7_9,
        result="headers",
        args=(Arg("max_headers", "integer", optional=True, minimum=1, maximum=1000),),
        lookup=(67, "headers"),
        prefetch=True,
    ),
    68: Function(
        number=68,
        name="kong.response.get_source",
        kind="fact",
        phases=_IN_4_5_7_9,
        result="string",
        prefetch=True,
    ),
    69: Function(
        number=69,
        name="kong.response.exit",
        kind="outcome",
        phases=_IN_2_3_4_6_7,
        result="never",
        args=(
            Arg("status", "integer", minimum=100, maximum=599),
            Arg("body", "content", optional=True),
            Arg("headers", "headers", optional=True),
        ),
        outcome="exit",
    ),
    70: Function(
        number=70,
        name="kong.response.error",
        kind="outcome",
        phases=_IN_2_3_4_7,
        result="never",
        args=(
            Arg("status", "integer", minimum=400, maximum=599),
            Arg("message", "content", optional=True),
            Arg("headers", "headers", optional=True),
        ),
        outcome="error_page",
    ),
    71: Function(number=71, name="kong.response.get_raw_body", kind="fact", phases=_IN_4, result="body", kong=False),
    72: Function(
        number=72,
        name="kong.response.set_raw_body",
        kind="change",
        phases=_IN_4,
        result="nothing",
        args=(Arg("body", "body"),),
        invalidates=(
            "response.get_raw_body",
            'response.get_header["content-length"]',
            'response.get_header["content-encoding"]',
            'response.get_header["transfer-encoding"]',
            'response.get_header["etag"]',
            'response.get_header["digest"]',
            'response.get_header["content-digest"]',
            'response.get_header["repr-digest"]',
            'response.get_header["content-md5"]',
            "response.get_headers",
            "nginx.get_var",
        ),
        stales=(
            Stale(71),
            Stale(66, literal="content-length"),
            Stale(66, literal="content-encoding"),
            Stale(66, literal="transfer-encoding"),
            Stale(66, literal="etag"),
            Stale(66, literal="digest"),
            Stale(66, literal="content-digest"),
            Stale(66, literal="repr-digest"),
            Stale(66, literal="content-md5"),
            Stale(67),
            Stale(134),
        ),
        kong=False,
    ),
    80: Function(
        number=80,
        name="kong.service.set_upstream",
        kind="call",
        phases=_IN_3,
        result="boolean",
        args=(Arg("host", "string"),),
        invalidates=("nginx.get_var",),
        stales=(Stale(134),),
    ),
    81: Function(
        number=81,
        name="kong.service.set_target",
        kind="change",
        phases=_IN_2_3_6,
        result="nothing",
        args=(Arg("host", "string"), Arg("port", "integer", minimum=0, maximum=65535)),
        invalidates=("nginx.get_var",),
        stales=(Stale(134),),
    ),
    82: Function(
        number=82,
        name="kong.service.set_retries",
        kind="change",
        phases=_IN_3,
        result="nothing",
        args=(Arg("retries", "integer", minimum=0, maximum=32767),),
    ),
    83: Function(
        number=83,
        name="kong.service.set_timeouts",
        kind="change",
        phases=_IN_3,
        result="nothing",
        args=(
            Arg("connect_timeout", "integer", minimum=1, maximum=2147483646),
            Arg("write_timeout", "integer", minimum=1, maximum=2147483646),
            Arg("read_timeout", "integer", minimum=1, maximum=2147483646),
        ),
    ),
    84: Function(
        number=84,
        name="kong.service.set_tls_verify",
        kind="call",
        phases=_IN_2_3_6,
        result="boolean",
        args=(Arg("on", "boolean"),),
    ),
    85: Function(
        number=85,
        name="kong.service.set_tls_verify_depth",
        kind="call",
        phases=_IN_2_3_6,
        result="boolean",
        args=(Arg("depth", "integer", minimum=0, maximum=64),),
    ),
    90: Function(
        number=90,
        name="kong.service.request.set_header",
        kind="change",
        phases=_IN_2_3,
        result="nothing",
        args=(Arg("name", "text"), Arg("value", "header_value")),
        invalidates=("request.get_header[name]", "request.get_headers", "nginx.get_var"),
        stales=(
            Stale(50, argument=0),
            Stale(28, argument=0, only=("x-forwarded-proto",)),
            Stale(42, argument=0, only=("host",)),
            Stale(53, argument=0, only=("x-forwarded-proto",)),
            Stale(54, argument=0, only=("x-forwarded-host", "host")),
            Stale(55, argument=0, only=("x-forwarded-port", "x-forwarded-host")),
            Stale(56, argument=0, only=("x-forwarded-path",)),
            Stale(57, argument=0, only=("x-forwarded-prefix",)),
            Stale(59, argument=0, only=("content-type",)),
            Stale(51),
            Stale(134),
        ),
    ),
    91: Function(
        number=91,
        name="kong.service.request.add_header",
        kind="change",
        phases=_IN_2_3,
        result="nothing",
        args=(Arg("name", "text"), Arg("value", "header_value")),
        invalidates=("request.get_header[name]", "request.get_headers", "nginx.get_var"),
        stales=(
            Stale(50, argument=0),
            Stale(28, argument=0, only=("x-forwarded-proto",)),
            Stale(42, argument=0, only=("host",)),
            Stale(53, argument=0, only=("x-forwarded-proto",)),
            Stale(54, argument=0, only=("x-forwarded-host", "host")),
            Stale(55, argument=0, only=("x-forwarded-port", "x-forwarded-host")),
            Stale(56, argument=0, only=("x-forwarded-path",)),
            Stale(57, argument=0, only=("x-forwarded-prefix",)),
            Stale(59, argument=0, only=("content-type",)),
            Stale(51),
            Stale(134),
        ),
    ),
    92: Function(
        number=92,
        name="kong.service.request.clear_header",
        kind="change",
        phases=_IN_2_3,
        result="nothing",
        args=(Arg("name", "text"),),
        invalidates=("request.get_header[name]", "request.get_headers", "nginx.get_var"),
        stales=(
            Stale(50, argument=0),
            Stale(28, argument=0, only=("x-forwarded-proto",)),
            Stale(42, argument=0, only=("host",)),
            Stale(53, argument=0, only=("x-forwarded-proto",)),
            Stale(54, argument=0, only=("x-forwarded-host", "host")),
            Stale(55, argument=0, only=("x-forwarded-port", "x-forwarded-host")),
            Stale(56, argument=0, only=("x-forwarded-path",)),
            Stale(57, argument=0, only=("x-forwarded-prefix",)),
            Stale(59, argument=0, only=("content-type",)),
            Stale(51),
            Stale(134),
        ),
    ),
    93: Function(
        number=93,
        name="kong.service.request.set_headers",
        kind="change",
        phases=_IN_2_3,
        result="nothing",
        args=(Arg("headers", "headers"),),
        invalidates=("request.get_header[headers.*]", "request.get_headers", "nginx.get_var"),
        stales=(
            Stale(50, argument=0, each=True),
            Stale(28, argument=0, each=True, only=("x-forwarded-proto",)),
            Stale(42, argument=0, each=True, only=("host",)),
            Stale(53, argument=0, each=True, only=("x-forwarded-proto",)),
            Stale(54, argument=0, each=True, only=("x-forwarded-host", "host")),
            Stale(55, argument=0, each=True, only=("x-forwarded-port", "x-forwarded-host")),
            Stale(56, argument=0, each=True, only=("x-forwarded-path",)),
            Stale(57, argument=0, each=True, only=("x-forwarded-prefix",)),
            Stale(59, argument=0, each=True, only=("content-type",)),
            Stale(51),
            Stale(134),
        ),
    ),
    94: Function(
        number=94,
        name="kong.service.request.set_method",
        kind="change",
        phases=_IN_2_3,
        result="nothing",
        args=(
            Arg(
                "method",
                "string",
                one_of=(
                    "GET",
                    "HEAD",
                    "PUT",
                    "POST",
                    "DELETE",
                    "OPTIONS",
                    "MKCOL",
                    "COPY",
                    "MOVE",
                    "PROPFIND",
                    "PROPPATCH",
                    "LOCK",
                    "UNLOCK",
                    "PATCH",
                    "TRACE",
                ),
            ),
        ),
        invalidates=("request.get_method", "nginx.get_var"),
        stales=(Stale(40), Stale(134)),
    ),
    95: Function(
        number=95,
        name="kong.service.request.set_path",
        kind="change",
        phases=_IN_2_3,
        result="nothing",
        args=(Arg("path", "text", prefix="/"),),
        invalidates=("nginx.get_var",),
        stales=(Stale(134),),
    ),
    96: Function(
        number=96,
        name="kong.service.request.set_scheme",
        kind="change",
        phases=_IN_2_3,
        result="nothing",
        args=(Arg("scheme", "string", one_of=("http", "https")),),
        invalidates=("nginx.get_var",),
        stales=(Stale(134),),
    ),
    97: Function(
        number=97,
        name="kong.service.request.set_raw_query",
        kind="change",
        phases=_IN_2_3,
        result="nothing",
        args=(Arg("query", "text"),),
        invalidates=("request.get_raw_query", "request.get_query", "request.get_query_arg", "nginx.get_var"),
        stales=(Stale(47), Stale(49), Stale(48), Stale(134)),
    ),
    98: Function(
        number=98,
        name="kong.service.request.set_query",
        kind="change",
        phases=_IN_2_3,
        result="nothing",
        args=(Arg("args", "map"),),
        invalidates=("request.get_raw_query", "request.get_query", "request.get_query_arg", "nginx.get_var"),
        stales=(Stale(47), Stale(49), Stale(48), Stale(134)),
    ),
    99: Function(
        number=99,
        name="kong.service.request.clear_query_arg",
        kind="change",
        phases=_IN_2_3,
        result="nothing",
        args=(Arg("name", "text"),),
        invalidates=("request.get_raw_query", "request.get_query", "request.get_query_arg", "nginx.get_var"),
        stales=(Stale(47), Stale(49), Stale(48), Stale(134)),
    ),
    100: Function(
        number=100,
        name="kong.service.request.set_raw_body",
        kind="change",
        phases=_IN_2_3,
        result="nothing",
        args=(Arg("body", "body"),),
        invalidates=(
            "request.get_raw_body",
            "request.get_body",
            'request.get_header["content-length"]',
            'request.get_header["transfer-encoding"]',
            "request.get_headers",
            "nginx.get_var",
        ),
        stales=(
            Stale(58),
            Stale(59),
            Stale(50, literal="content-length"),
            Stale(50, literal="transfer-encoding"),
            Stale(51),
            Stale(134),
        ),
    ),
    101: Function(
        number=101,
        name="kong.service.request.set_body",
        kind="call",
        phases=_IN_2_3,
        result="boolean",
        args=(Arg("args", "map"), Arg("mimetype", "string", optional=True)),
        invalidates=(
            "request.get_raw_body",
            "request.get_body",
            'request.get_header["content-type"]',
            'request.get_header["content-length"]',
            'request.get_header["transfer-encoding"]',
            "request.get_headers",
            "nginx.get_var",
        ),
        stales=(
            Stale(58),
            Stale(59),
            Stale(50, literal="content-type"),
            Stale(59, literal="content-type", only=("content-type",)),
            Stale(50, literal="content-length"),
            Stale(50, literal="transfer-encoding"),
            Stale(51),
            Stale(134),
        ),
    ),
    102: Function(
        number=102,
        name="kong.service.request.enable_buffering",
        kind="change",
        phases=_IN_2_3,
        result="nothing",
    ),
    103: Function(
        number=103,
        name="kong.service.request.disable_tls",
        kind="call",
        phases=_IN_6,
        result="boolean",
        effect=True,
        available=False,
        unavailable_reason="TCP and TLS streams are not supported yet",
    ),
    104: Function(
        number=104,
        name="kong.service.request.enable_tls",
        kind="call",
        phases=_IN_6,
        result="boolean",
        effect=True,
        available=False,
        unavailable_reason="TCP and TLS streams are not supported yet",
    ),
    110: Function(
        number=110,
        name="kong.service.response.get_status",
        kind="fact",
        phases=_IN_4_5_7_9,
        result="integer?",
        prefetch=True,
    ),
    111: Function(
        number=111,
        name="kong.service.response.get_header",
        kind="fact",
        phases=_IN_4_5_7_9,
        result="text?",
        args=(Arg("name", "text"),),
        lookup=(112, "header"),
        prefetch=True,
    ),
    112: Function(
        number=112,
        name="kong.service.response.get_headers",
        kind="fact",
        phases=_IN_4_5_7_9,
        result="headers",
        args=(Arg("max_headers", "integer", optional=True, minimum=1, maximum=1000),),
        lookup=(112, "headers"),
        prefetch=True,
    ),
    113: Function(
        number=113,
        name="kong.service.response.get_raw_body",
        kind="fact",
        phases=_IN_4_5_7_9,
        result="body",
    ),
    114: Function(
        number=114,
        name="kong.service.response.get_body",
        kind="fact",
        phases=_IN_4_5_7_9,
        result="any",
        args=(
            Arg("mimetype", "string", optional=True),
            Arg("max_args", "integer", optional=True, minimum=1, maximum=1000),
        ),
    ),
    120: Function(
        number=120,
        name="kong.router.get_route",
        kind="fact",
        phases=_IN_3_4_5_7_8_9_10_11_12,
        result="map?",
        prefetch=True,
    ),
    121: Function(
        number=121,
        name="kong.router.get_service",
        kind="fact",
        phases=_IN_3_4_5_7_8_9_10_11_12,
        result="map?",
        prefetch=True,
    ),
    125: Function(
        number=125,
        name="kong.ctx.shared.get",
        kind="fact",
        phases=_IN_2_3_4_5_6_7_8_9_10_11_12,
        result="any",
        args=(Arg("key", "string"),),
        lookup=(10, "shared_key"),
        prefetch=True,
    ),
    126: Function(
        number=126,
        name="kong.ctx.shared.set",
        kind="change",
        phases=_IN_2_3_4_5_6_7_8_9_10_11_12,
        result="nothing",
        args=(Arg("key", "string"), Arg("value", "any", optional=True)),
        writes="ctx.shared.get[key]",
        write=(125, 0, 1),
    ),
    127: Function(
        number=127,
        name="kong.ctx.plugin.get",
        kind="fact",
        phases=_IN_2_3_4_5_6_7_8_9_10_11_12,
        result="any",
        args=(Arg("key", "string"),),
        lookup=(11, "plugin_key"),
        kong=False,
    ),
    128: Function(
        number=128,
        name="kong.ctx.plugin.set",
        kind="change",
        phases=_IN_2_3_4_5_6_7_8_9_10_11_12,
        result="nothing",
        args=(Arg("key", "string"), Arg("value", "any", optional=True)),
        writes="ctx.plugin.get[key]",
        write=(127, 0, 1),
        kong=False,
    ),
    130: Function(
        number=130,
        name="kong.ip.is_trusted",
        kind="fact",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="boolean",
        args=(Arg("address", "string"),),
        prefetch=True,
    ),
    131: Function(
        number=131,
        name="kong.node.get_id",
        kind="fact",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="string",
        prefetch=True,
    ),
    132: Function(
        number=132,
        name="kong.node.get_hostname",
        kind="fact",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="string",
        prefetch=True,
    ),
    133: Function(
        number=133,
        name="kong.node.get_memory_stats",
        kind="call",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="map",
        args=(
            Arg("unit", "string", optional=True, default="b", one_of=("b", "k", "m", "g", "B", "K", "M", "G")),
            Arg("scale", "integer", optional=True, default=2, minimum=0),
        ),
    ),
    134: Function(
        number=134,
        name="kong.nginx.get_var",
        kind="fact",
        phases=_IN_2_3_4_5_6_7_8_9_10_11_12,
        result="text?",
        args=(Arg("name", "string"),),
        prefetch=True,
    ),
    135: Function(
        number=135,
        name="kong.nginx.get_tls1_version_str",
        kind="fact",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="string?",
        prefetch=True,
    ),
    136: Function(
        number=136,
        name="kong.nginx.get_ctx",
        kind="fact",
        phases=_IN_2_3_4_5_6_7_8_9_10_11_12,
        result="any",
        args=(Arg("key", "string"),),
        prefetch=True,
    ),
    137: Function(
        number=137,
        name="kong.nginx.set_ctx",
        kind="change",
        phases=_IN_2_3_4_5_6_7_8_9_10_11_12,
        result="nothing",
        args=(Arg("key", "string"), Arg("value", "any", optional=True)),
        writes="nginx.get_ctx[key]",
        write=(136, 0, 1),
    ),
    138: Function(
        number=138,
        name="kong.nginx.req_start_time",
        kind="fact",
        phases=_IN_2_3_4_5_6_7_8_9_10_11_12,
        result="number",
        prefetch=True,
    ),
    139: Function(
        number=139,
        name="kong.nginx.get_subsystem",
        kind="fact",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="string",
        prefetch=True,
    ),
    140: Function(
        number=140,
        name="kong.nginx.get_statistics",
        kind="call",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="map",
    ),
    141: Function(
        number=141,
        name="kong.cluster.get_id",
        kind="fact",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="string?",
        prefetch=True,
    ),
    142: Function(
        number=142,
        name="kong.plugin.get_id",
        kind="call",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="string",
    ),
    150: Function(
        number=150,
        name="kong.vault.get",
        kind="call",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="text",
        args=(Arg("reference", "string"),),
    ),
    151: Function(
        number=151,
        name="kong.vault.is_reference",
        kind="call",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="boolean",
        args=(Arg("reference", "string"),),
    ),
    152: Function(
        number=152,
        name="kong.vault.parse_reference",
        kind="call",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="map",
        args=(Arg("reference", "string"),),
    ),
    153: Function(
        number=153,
        name="kong.vault.update",
        kind="call",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="map",
        args=(Arg("options", "map"),),
    ),
    154: Function(
        number=154,
        name="kong.vault.flush",
        kind="call",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="nothing",
        effect=True,
    ),
    160: Function(
        number=160,
        name="kong.log",
        kind="log",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="nothing",
        args=(Arg("values", "any", variadic=True),),
        log_level="notice",
    ),
    161: Function(
        number=161,
        name="kong.log.debug",
        kind="log",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="nothing",
        args=(Arg("values", "any", variadic=True),),
        log_level="debug",
    ),
    162: Function(
        number=162,
        name="kong.log.info",
        kind="log",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="nothing",
        args=(Arg("values", "any", variadic=True),),
        log_level="info",
    ),
    163: Function(
        number=163,
        name="kong.log.notice",
        kind="log",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="nothing",
        args=(Arg("values", "any", variadic=True),),
        log_level="notice",
    ),
    164: Function(
        number=164,
        name="kong.log.warn",
        kind="log",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="nothing",
        args=(Arg("values", "any", variadic=True),),
        log_level="warn",
    ),
    165: Function(
        number=165,
        name="kong.log.err",
        kind="log",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="nothing",
        args=(Arg("values", "any", variadic=True),),
        log_level="err",
    ),
    166: Function(
        number=166,
        name="kong.log.crit",
        kind="log",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="nothing",
        args=(Arg("values", "any", variadic=True),),
        log_level="crit",
    ),
    167: Function(
        number=167,
        name="kong.log.alert",
        kind="log",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="nothing",
        args=(Arg("values", "any", variadic=True),),
        log_level="alert",
    ),
    168: Function(
        number=168,
        name="kong.log.deprecation",
        kind="log",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="nothing",
        args=(Arg("values", "any", variadic=True),),
        log_level="warn",
    ),
    169: Function(
        number=169,
        name="kong.log.inspect",
        kind="log",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="nothing",
        args=(Arg("values", "any", variadic=True),),
        log_level="notice",
    ),
    170: Function(number=170, name="kong.log.serialize", kind="fact", phases=_IN_5, result="string", prefetch=True),
    171: Function(
        number=171,
        name="kong.log.set_serialize_value",
        kind="change",
        phases=_IN_2_3_4_5_7_9,
        result="nothing",
        args=(
            Arg("key", "string"),
            Arg("value", "any", optional=True),
            Arg("mode", "string", optional=True, default="set", one_of=("set", "add", "replace")),
        ),
        invalidates=("log.serialize",),
        stales=(Stale(170),),
    ),
    180: Function(
        number=180,
        name="kong.client.tls.request_client_certificate",
        kind="call",
        phases=_IN_1,
        result="boolean",
        effect=True,
        available=False,
        unavailable_reason="TLS listeners are not supported yet",
    ),
    181: Function(
        number=181,
        name="kong.client.tls.disable_session_reuse",
        kind="call",
        phases=_IN_1,
        result="boolean",
        effect=True,
        available=False,
        unavailable_reason="TLS listeners are not supported yet",
    ),
    182: Function(
        number=182,
        name="kong.client.tls.get_full_client_certificate_chain",
        kind="fact",
        phases=_IN_2_3_4_5,
        result="string?",
        prefetch=True,
        available=False,
        unavailable_reason="TLS listeners are not supported yet",
    ),
    183: Function(
        number=183,
        name="kong.client.tls.set_client_verify",
        kind="change",
        phases=_IN_2_3_4,
        result="nothing",
        args=(Arg("value", "string"),),
        available=False,
        unavailable_reason="TLS listeners are not supported yet",
    ),
    190: Function(
        number=190,
        name="kong.telemetry.log",
        kind="call",
        phases=_IN_2_3_4_5_6_7_8_9_10_11_12,
        result="boolean",
        args=(
            Arg("plugin_name", "string"),
            Arg("plugin_config", "map"),
            Arg("message_type", "string"),
            Arg("message", "any"),
            Arg("attributes", "map", optional=True),
        ),
    ),
    200: Function(
        number=200,
        name="kong.tracing.active_span",
        kind="call",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="map?",
        available=False,
        unavailable_reason="tracing is not supported yet",
    ),
    201: Function(
        number=201,
        name="kong.tracing.set_active_span",
        kind="call",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="nothing",
        args=(Arg("span", "map"),),
        available=False,
        unavailable_reason="tracing is not supported yet",
    ),
    202: Function(
        number=202,
        name="kong.tracing.start_span",
        kind="call",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="map",
        args=(Arg("name", "string"), Arg("options", "map", optional=True)),
        available=False,
        unavailable_reason="tracing is not supported yet",
    ),
    203: Function(
        number=203,
        name="kong.tracing.create_span",
        kind="call",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="map",
        args=(Arg("name", "string"), Arg("options", "map", optional=True)),
        available=False,
        unavailable_reason="tracing is not supported yet",
    ),
    204: Function(
        number=204,
        name="kong.tracing.set_should_sample",
        kind="call",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="nothing",
        args=(Arg("should_sample", "boolean"),),
        available=False,
        unavailable_reason="tracing is not supported yet",
    ),
    205: Function(
        number=205,
        name="kong.tracing.get_sampling_decision",
        kind="call",
        phases=_IN_2_3_4_5_7_8_9_10_11_12,
        result="boolean",
        args=(
            Arg("parent_should_sample", "boolean", optional=True),
            Arg("sampling_rate", "number", optional=True, minimum=0, maximum=1),
        ),
        available=False,
        unavailable_reason="tracing is not supported yet",
    ),
    210: Function(
        number=210,
        name="kong.enterprise_edition.jwe.decode",
        kind="call",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="map",
        args=(Arg("token", "string"),),
        available=False,
        unavailable_reason="JSON Web Encryption is not supported yet",
    ),
    211: Function(
        number=211,
        name="kong.enterprise_edition.jwe.decrypt",
        kind="call",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="text",
        args=(Arg("key", "any"), Arg("token", "string")),
        available=False,
        unavailable_reason="JSON Web Encryption is not supported yet",
    ),
    212: Function(
        number=212,
        name="kong.enterprise_edition.jwe.encrypt",
        kind="call",
        phases=_IN_1_2_3_4_5_6_7_8_9_10_11_12,
        result="string",
        args=(
            Arg("alg", "string"),
            Arg("enc", "string"),
            Arg("key", "any"),
            Arg("plaintext", "text"),
            Arg("options", "map", optional=True),
        ),
        available=False,
        unavailable_reason="JSON Web Encryption is not supported yet",
    ),
    220: Function(
        number=220,
        name="kong.websocket.client.get_frame",
        kind="fact",
        phases=_IN_11,
        result="array",
        prefetch=True,
        available=False,
        unavailable_reason="WebSocket is not supported yet",
    ),
    221: Function(
        number=221,
        name="kong.websocket.client.set_frame_data",
        kind="change",
        phases=_IN_11,
        result="nothing",
        args=(Arg("data", "body"),),
        invalidates=("websocket.client.get_frame",),
        stales=(Stale(220),),
        available=False,
        unavailable_reason="WebSocket is not supported yet",
    ),
    222: Function(
        number=222,
        name="kong.websocket.client.set_status",
        kind="change",
        phases=_IN_11,
        result="nothing",
        args=(Arg("status", "integer", minimum=1000, maximum=4999),),
        invalidates=("websocket.client.get_frame",),
        stales=(Stale(220),),
        available=False,
        unavailable_reason="WebSocket is not supported yet",
    ),
    223: Function(
        number=223,
        name="kong.websocket.client.drop_frame",
        kind="change",
        phases=_IN_11,
        result="nothing",
        available=False,
        unavailable_reason="WebSocket is not supported yet",
    ),
    224: Function(
        number=224,
        name="kong.websocket.client.close",
        kind="change",
        phases=_IN_11,
        result="nothing",
        args=(
            Arg("status", "integer", optional=True, minimum=1000, maximum=4999),
            Arg("message", "text", optional=True),
            Arg("upstream_status", "integer", optional=True, minimum=1000, maximum=4999),
            Arg("upstream_payload", "text", optional=True),
        ),
        available=False,
        unavailable_reason="WebSocket is not supported yet",
    ),
    225: Function(
        number=225,
        name="kong.websocket.client.set_max_payload_size",
        kind="change",
        phases=_IN_10,
        result="nothing",
        args=(Arg("size", "integer", minimum=1, maximum=33554432),),
        available=False,
        unavailable_reason="WebSocket is not supported yet",
    ),
    230: Function(
        number=230,
        name="kong.websocket.upstream.get_frame",
        kind="fact",
        phases=_IN_12,
        result="array",
        prefetch=True,
        available=False,
        unavailable_reason="WebSocket is not supported yet",
    ),
    231: Function(
        number=231,
        name="kong.websocket.upstream.set_frame_data",
        kind="change",
        phases=_IN_12,
        result="nothing",
        args=(Arg("data", "body"),),
        invalidates=("websocket.upstream.get_frame",),
        stales=(Stale(230),),
        available=False,
        unavailable_reason="WebSocket is not supported yet",
    ),
    232: Function(
        number=232,
        name="kong.websocket.upstream.set_status",
        kind="change",
        phases=_IN_12,
        result="nothing",
        args=(Arg("status", "integer", minimum=1000, maximum=4999),),
        invalidates=("websocket.upstream.get_frame",),
        stales=(Stale(230),),
        available=False,
        unavailable_reason="WebSocket is not supported yet",
    ),
    233: Function(
        number=233,
        name="kong.websocket.upstream.drop_frame",
        kind="change",
        phases=_IN_12,
        result="nothing",
        available=False,
        unavailable_reason="WebSocket is not supported yet",
    ),
    234: Function(
        number=234,
        name="kong.websocket.upstream.close",
        kind="change",
        phases=_IN_12,
        result="nothing",
        args=(
            Arg("status", "integer", optional=True, minimum=1000, maximum=4999),
            Arg("message", "text", optional=True),
            Arg("client_status", "integer", optional=True, minimum=1000, maximum=4999),
            Arg("client_payload", "text", optional=True),
        ),
        available=False,
        unavailable_reason="WebSocket is not supported yet",
    ),
    235: Function(
        number=235,
        name="kong.websocket.upstream.set_max_payload_size",
        kind="change",
        phases=_IN_10,
        result="nothing",
        args=(Arg("size", "integer", minimum=1, maximum=33554432),),
        available=False,
        unavailable_reason="WebSocket is not supported yet",
    ),
}
BY_NAME: Final = {function.name: function for function in FUNCTIONS.values()}

# Facts sent with every event of a phase.
DEFAULT_FACTS: Final[dict[int, tuple[int, ...]]] = {
    1: (20, 22, 21, 23, 43, 7),
    2: (40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2),
    3: (40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6),
    4: (40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6, 65, 67, 68),
    5: (40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6, 65, 67, 68, 8, 9),
    6: (20, 22, 21, 23, 43, 7, 1, 2),
    7: (40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6, 65, 67, 68),
    8: (40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6),
    9: (40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6, 65, 67, 68),
    10: (40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6),
    11: (40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6),
    12: (40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6),
}


HeaderValue = str | bytes | int | float | bool | Sequence[str]
QueryValue = str | Literal[True]


class Bridge(Protocol):
    """What the SDK puts behind the namespaces, one per step of an event."""

    def invoke(self, number: int, args: tuple[Any, ...]) -> Any:
        """Do what the function `FUNCTIONS[number]` is there for, with all its arguments in order.

        Optional arguments that the author left out are None or their default. For a plain handler the value is
        returned, for an async one an awaitable of it. Functions with an `outcome` do not return.
        """


class ClientTls:
    """The client's TLS connection."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def request_client_certificate(self) -> bool:
        """Ask the client for a certificate during the handshake, without requiring one.

        Phases: certificate.
        Not there yet: TLS listeners are not supported yet.
        """
        result: bool = self._bridge.invoke(180, ())
        return result

    def disable_session_reuse(self) -> bool:
        """Give the client no TLS session to resume this connection with.

        Phases: certificate.
        Not there yet: TLS listeners are not supported yet.
        """
        result: bool = self._bridge.invoke(181, ())
        return result

    def get_full_client_certificate_chain(self) -> str | None:
        """Return the client's certificate chain as PEM, its own certificate first, or None.

        Phases: rewrite, access, response, log.
        Not there yet: TLS listeners are not supported yet.
        """
        result: str | None = self._bridge.invoke(182, ())
        return result

    def set_client_verify(self, value: str) -> None:
        """Set what the record of the request says of the client's certificate: `SUCCESS`, `NONE` or
        `FAILED:reason`.

        Phases: rewrite, access, response.
        Not there yet: TLS listeners are not supported yet.
        """
        self._bridge.invoke(183, (value,))


class CtxPlugin:
    """Values of this plugin instance, from one phase of a request to the next."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get(self, key: str) -> Any:
        """Return the value that this plugin instance stored under this key in this request, or None.

        Phases: all but certificate.
        """
        return self._bridge.invoke(127, (key,))

    def set(self, key: str, value: object = None) -> None:
        """Store a value for later phases of this plugin instance in this request; None removes it.

        Phases: all but certificate.
        """
        self._bridge.invoke(128, (key, value))


class CtxShared:
    """Values shared by all plugins of a request."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get(self, key: str) -> Any:
        """Return the value that some plugin stored under this key in this request, or None.

        Phases: all but certificate.
        """
        return self._bridge.invoke(125, (key,))

    def set(self, key: str, value: object = None) -> None:
        """Store a value for all plugins of this request; None removes it.

        Phases: all but certificate.
        """
        self._bridge.invoke(126, (key, value))


class EnterpriseEditionJwe:
    """JSON Web Encryption."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def decode(self, token: str) -> dict[str, Any]:
        """Return the parts of an encrypted token.

        Not there yet: JSON Web Encryption is not supported yet.
        """
        result: dict[str, Any] = self._bridge.invoke(210, (token,))
        return result

    def decrypt(self, key: object, token: str) -> str:
        """Return the plain text of an encrypted token.

        Not there yet: JSON Web Encryption is not supported yet.
        """
        result: str = self._bridge.invoke(211, (key, token))
        return result

    def encrypt(
        self,
        alg: str,
        enc: str,
        key: object,
        plaintext: str | bytes,
        options: Mapping[str, Any] | None = None,
    ) -> str:
        """Encrypt a text and return the token.

        Not there yet: JSON Web Encryption is not supported yet.
        """
        result: str = self._bridge.invoke(212, (alg, enc, key, plaintext, options))
        return result


class ServiceRequest:
    """The request that is sent upstream."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def set_header(self, name: str | bytes, value: HeaderValue) -> None:
        """Set a header of the request sent upstream, replacing every value it had; later plugins read it too.

        Phases: rewrite, access.
        """
        self._bridge.invoke(90, (name, value))

    def add_header(self, name: str | bytes, value: HeaderValue) -> None:
        """Add a header to the request sent upstream, after those of the same name.

        Phases: rewrite, access.
        """
        self._bridge.invoke(91, (name, value))

    def clear_header(self, name: str | bytes) -> None:
        """Remove every header of that name from the request sent upstream.

        Phases: rewrite, access.
        """
        self._bridge.invoke(92, (name,))

    def set_headers(self, headers: Mapping[str, HeaderValue]) -> None:
        """Set several headers of the request sent upstream; each replaces those of its name, others stay.

        Phases: rewrite, access.
        """
        self._bridge.invoke(93, (headers,))

    def set_method(self, method: str) -> None:
        """Set the method of the request sent upstream.

        Phases: rewrite, access.
        """
        self._bridge.invoke(94, (method,))

    def set_path(self, path: str | bytes) -> None:
        """Set the path of the request sent upstream, without query; kong.request does not show it.

        Phases: rewrite, access.
        """
        self._bridge.invoke(95, (path,))

    def set_scheme(self, scheme: str) -> None:
        """Set the scheme used towards upstream.

        Phases: rewrite, access.
        """
        self._bridge.invoke(96, (scheme,))

    def set_raw_query(self, query: str | bytes) -> None:
        """Set the query of the request sent upstream, as it is and without question mark.

        Phases: rewrite, access.
        """
        self._bridge.invoke(97, (query,))

    def set_query(self, args: Mapping[str, Any]) -> None:
        """Set the query from names and values (string, number, boolean or a list of them), encoded and sorted.

        Phases: rewrite, access.
        """
        self._bridge.invoke(98, (args,))

    def clear_query_arg(self, name: str | bytes) -> None:
        """Remove every occurrence of an argument from the query.

        Phases: rewrite, access.
        """
        self._bridge.invoke(99, (name,))

    def set_raw_body(self, body: bytes | str) -> None:
        """Set the body of the request sent upstream; the length is adjusted.

        Phases: rewrite, access.
        """
        self._bridge.invoke(100, (body,))

    def set_body(self, args: Mapping[str, Any], mimetype: str | None = None) -> bool:
        """Encode the body of the request sent upstream as form, JSON or multipart, by `mimetype` or the Content-
        Type.

        Phases: rewrite, access.
        """
        result: bool = self._bridge.invoke(101, (args, mimetype))
        return result

    def enable_buffering(self) -> None:
        """Have the upstream's response read whole before the client gets any of it.

        Phases: rewrite, access.
        """
        self._bridge.invoke(102, ())

    def disable_tls(self) -> bool:
        """Connect upstream without TLS, in a stream.

        Phases: preread.
        Not there yet: TCP and TLS streams are not supported yet.
        """
        result: bool = self._bridge.invoke(103, ())
        return result

    def enable_tls(self) -> bool:
        """Connect upstream with TLS, in a stream.

        Phases: preread.
        Not there yet: TCP and TLS streams are not supported yet.
        """
        result: bool = self._bridge.invoke(104, ())
        return result


class ServiceResponse:
    """The response that came from upstream."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get_status(self) -> int | None:
        """Return the status of the upstream's response, or None if the request was not sent upstream.

        Phases: response, log, response_headers, response_body.
        """
        result: int | None = self._bridge.invoke(110, ())
        return result

    def get_header(self, name: str | bytes) -> str | None:
        """Return the first value of a header as it came from upstream, or None.

        Phases: response, log, response_headers, response_body.
        """
        result: str | None = self._bridge.invoke(111, (name,))
        return result

    def get_headers(self, max_headers: int | None = None) -> dict[str, str | list[str]]:
        """Return the headers that came from upstream by lower-case name; a repeated header has a list of values.

        Phases: response, log, response_headers, response_body.
        """
        result: dict[str, str | list[str]] = self._bridge.invoke(112, (max_headers,))
        return result

    def get_raw_body(self) -> bytes:
        """Return the body that came from upstream as bytes; the response must be buffered.

        Phases: response, log, response_headers, response_body.
        """
        result: bytes = self._bridge.invoke(113, ())
        return result

    def get_body(self, mimetype: str | None = None, max_args: int | None = None) -> Any:
        """Return the body that came from upstream parsed as form, JSON or multipart; the response must be buffered.

        Phases: response, log, response_headers, response_body.
        """
        return self._bridge.invoke(114, (mimetype, max_args))


class WebsocketClient:
    """Frames from the client."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get_frame(self) -> list[Any]:
        """Return the frame from the client: payload, type (`text`, `binary`, `ping`, `pong`, `close`) and, for a
        close, its status.

        Phases: ws_client_frame.
        Not there yet: WebSocket is not supported yet.
        """
        result: list[Any] = self._bridge.invoke(220, ())
        return result

    def set_frame_data(self, data: bytes | str) -> None:
        """Replace the payload of the frame before it is forwarded.

        Phases: ws_client_frame.
        Not there yet: WebSocket is not supported yet.
        """
        self._bridge.invoke(221, (data,))

    def set_status(self, status: int) -> None:
        """Replace the status of a close frame.

        Phases: ws_client_frame.
        Not there yet: WebSocket is not supported yet.
        """
        self._bridge.invoke(222, (status,))

    def drop_frame(self) -> None:
        """Do not forward the frame, and skip the plugins that would still see it.

        Phases: ws_client_frame.
        Not there yet: WebSocket is not supported yet.
        """
        self._bridge.invoke(223, ())

    def close(
        self,
        status: int | None = None,
        message: str | bytes | None = None,
        upstream_status: int | None = None,
        upstream_payload: str | bytes | None = None,
    ) -> None:
        """End the session with close frames to both sides.

        Phases: ws_client_frame.
        Not there yet: WebSocket is not supported yet.
        """
        self._bridge.invoke(224, (status, message, upstream_status, upstream_payload))

    def set_max_payload_size(self, size: int) -> None:
        """Set how many bytes a message from the client may have.

        Phases: ws_handshake.
        Not there yet: WebSocket is not supported yet.
        """
        self._bridge.invoke(225, (size,))


class WebsocketUpstream:
    """Frames from upstream."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get_frame(self) -> list[Any]:
        """Return the frame from the upstream: payload, type (`text`, `binary`, `ping`, `pong`, `close`) and, for a
        close, its status.

        Phases: ws_upstream_frame.
        Not there yet: WebSocket is not supported yet.
        """
        result: list[Any] = self._bridge.invoke(230, ())
        return result

    def set_frame_data(self, data: bytes | str) -> None:
        """Replace the payload of the frame before it is forwarded.

        Phases: ws_upstream_frame.
        Not there yet: WebSocket is not supported yet.
        """
        self._bridge.invoke(231, (data,))

    def set_status(self, status: int) -> None:
        """Replace the status of a close frame.

        Phases: ws_upstream_frame.
        Not there yet: WebSocket is not supported yet.
        """
        self._bridge.invoke(232, (status,))

    def drop_frame(self) -> None:
        """Do not forward the frame, and skip the plugins that would still see it.

        Phases: ws_upstream_frame.
        Not there yet: WebSocket is not supported yet.
        """
        self._bridge.invoke(233, ())

    def close(
        self,
        status: int | None = None,
        message: str | bytes | None = None,
        client_status: int | None = None,
        client_payload: str | bytes | None = None,
    ) -> None:
        """End the session with close frames to both sides.

        Phases: ws_upstream_frame.
        Not there yet: WebSocket is not supported yet.
        """
        self._bridge.invoke(234, (status, message, client_status, client_payload))

    def set_max_payload_size(self, size: int) -> None:
        """Set how many bytes a message from the upstream may have.

        Phases: ws_handshake.
        Not there yet: WebSocket is not supported yet.
        """
        self._bridge.invoke(235, (size,))


class Client:
    """The client: its address, and who it is."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    @property
    def tls(self) -> ClientTls:
        return ClientTls(self._bridge)

    def get_ip(self) -> str:
        """Return the address of the peer that is connected, never a forwarded one."""
        result: str = self._bridge.invoke(20, ())
        return result

    def get_forwarded_ip(self) -> str:
        """Return the client's address after the real-ip rules: what a trusted peer says it is."""
        result: str = self._bridge.invoke(21, ())
        return result

    def get_port(self) -> int:
        """Return the port of the peer that is connected."""
        result: int = self._bridge.invoke(22, ())
        return result

    def get_forwarded_port(self) -> int | None:
        """Return the client's port after the real-ip rules, or None if a trusted peer named an address without one."""
        result: int | None = self._bridge.invoke(23, ())
        return result

    def load_consumer(self, consumer_id: str, search_by_username: bool = False) -> dict[str, Any] | None:
        """Load a consumer by id, or with `search_by_username` by name as well, and return it, or None.

        Phases: all but certificate, rewrite, preread.
        """
        result: dict[str, Any] | None = self._bridge.invoke(24, (consumer_id, search_by_username))
        return result

    def get_consumer(self) -> dict[str, Any] | None:
        """Return the authenticated consumer, or None.

        Phases: all but certificate, rewrite, preread.
        """
        result: dict[str, Any] | None = self._bridge.invoke(25, ())
        return result

    def get_credential(self) -> dict[str, Any] | None:
        """Return the credential the client authenticated with, or None.

        Phases: all but certificate, rewrite, preread.
        """
        result: dict[str, Any] | None = self._bridge.invoke(26, ())
        return result

    def authenticate(
        self,
        consumer: Mapping[str, Any] | None = None,
        credential: Mapping[str, Any] | None = None,
    ) -> None:
        """Set both the authenticated consumer and the credential; one of them may be None, which clears it.

        Phases: access.
        """
        self._bridge.invoke(27, (consumer, credential))

    def get_protocol(self, allow_terminated: bool = False) -> str:
        """Return the protocol that the route was matched by; with `allow_terminated` a trusted X-Forwarded-Proto
        counts as https.

        Phases: all but certificate, rewrite, preread.
        """
        result: str = self._bridge.invoke(28, (allow_terminated,))
        return result

    def authenticate_consumer_group_by_consumer_id(self, consumer_id: str) -> None:
        """Set the consumer groups of a consumer, given by id, as the authenticated ones.

        Phases: access.
        """
        self._bridge.invoke(29, (consumer_id,))

    def get_consumer_group(self) -> dict[str, Any] | None:
        """Return the authenticated consumer group, or None.

        Phases: all but certificate, rewrite, preread.
        """
        result: dict[str, Any] | None = self._bridge.invoke(30, ())
        return result

    def get_consumer_groups(self) -> list[Any] | None:
        """Return the authenticated consumer groups, or None.

        Phases: all but certificate, rewrite, preread.
        """
        result: list[Any] | None = self._bridge.invoke(31, ())
        return result

    def set_authenticated_consumer_group(self, group: Mapping[str, Any] | None = None) -> None:
        """Set the authenticated consumer group; None clears it.

        Phases: access.
        """
        self._bridge.invoke(32, (group,))

    def set_authenticated_consumer_groups(self, groups: Sequence[Any] | None = None) -> None:
        """Set the authenticated consumer groups; None clears them.

        Phases: access.
        """
        self._bridge.invoke(33, (groups,))


class Cluster:
    """The cluster this node belongs to."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get_id(self) -> str | None:
        """Return the id of the cluster, or None if this node belongs to none."""
        result: str | None = self._bridge.invoke(141, ())
        return result


class Ctx:
    """Values kept for the time of a request."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    @property
    def plugin(self) -> CtxPlugin:
        return CtxPlugin(self._bridge)

    @property
    def shared(self) -> CtxShared:
        return CtxShared(self._bridge)


class EnterpriseEdition:
    """Functions of Kong Enterprise."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    @property
    def jwe(self) -> EnterpriseEditionJwe:
        return EnterpriseEditionJwe(self._bridge)


class Exchange:
    """This request on its way through the gateway (ours, not in Kong)."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get_id(self) -> str:
        """Return the request's id: 32 lower-case hexadecimal digits, the same in logs and headers.

        Phases: all but certificate.
        """
        result: str = self._bridge.invoke(1, ())
        return result

    def get_trace_context(self) -> str | None:
        """Return the W3C `traceparent` that this request belongs to, or None.

        Phases: all but certificate.
        """
        result: str | None = self._bridge.invoke(2, ())
        return result

    def get_route_id(self) -> str | None:
        """Return the id of the route that matched, or None.

        Phases: all but certificate, rewrite, preread.
        """
        result: str | None = self._bridge.invoke(3, ())
        return result

    def get_service_id(self) -> str | None:
        """Return the id of the route's service, or None.

        Phases: all but certificate, rewrite, preread.
        """
        result: str | None = self._bridge.invoke(4, ())
        return result

    def get_consumer_id(self) -> str | None:
        """Return the id of the authenticated consumer, or None.

        Phases: all but certificate, rewrite, preread.
        """
        result: str | None = self._bridge.invoke(5, ())
        return result

    def get_credential_id(self) -> str | None:
        """Return the id of the credential the client authenticated with, or None.

        Phases: all but certificate, rewrite, preread.
        """
        result: str | None = self._bridge.invoke(6, ())
        return result

    def get_server_name(self) -> str | None:
        """Return the server name (SNI) that the client asked for, or None.

        Not there yet: TLS listeners are not supported yet.
        """
        result: str | None = self._bridge.invoke(7, ())
        return result

    def get_latencies(self) -> dict[str, Any]:
        """Return the latencies `kong`, `proxy`, `request` and `receive` in milliseconds, as in the log record.

        Phases: log.
        """
        result: dict[str, Any] = self._bridge.invoke(8, ())
        return result

    def get_sizes(self) -> dict[str, Any]:
        """Return `request` and `response`: the bytes received from and sent to the client, heads included.

        Phases: log.
        """
        result: dict[str, Any] = self._bridge.invoke(9, ())
        return result


class Ip:
    """Addresses."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def is_trusted(self, address: str) -> bool:
        """Return whether the address is one of the trusted ones."""
        result: bool = self._bridge.invoke(130, (address,))
        return result


class Log:
    """Log lines, and the record of the request. Calling `kong.log(...)` itself logs at level notice."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def __call__(self, *values: object) -> None:
        """Write a log line at level notice; the values are joined without separator."""
        self._bridge.invoke(160, values)

    def debug(self, *values: object) -> None:
        """Write a log line at level debug; the values are joined without separator."""
        self._bridge.invoke(161, values)

    def info(self, *values: object) -> None:
        """Write a log line at level info; the values are joined without separator."""
        self._bridge.invoke(162, values)

    def notice(self, *values: object) -> None:
        """Write a log line at level notice; the values are joined without separator."""
        self._bridge.invoke(163, values)

    def warn(self, *values: object) -> None:
        """Write a log line at level warn; the values are joined without separator."""
        self._bridge.invoke(164, values)

    def err(self, *values: object) -> None:
        """Write a log line at level err; the values are joined without separator."""
        self._bridge.invoke(165, values)

    def crit(self, *values: object) -> None:
        """Write a log line at level crit; the values are joined without separator."""
        self._bridge.invoke(166, values)

    def alert(self, *values: object) -> None:
        """Write a log line at level alert; the values are joined without separator."""
        self._bridge.invoke(167, values)

    def deprecation(self, *values: object) -> None:
        """Write a warning about something deprecated; a map as last value may hold `after` and `removal`, the
        versions.
        """
        self._bridge.invoke(168, values)

    def inspect(self, *values: object) -> None:
        """Write the values pretty-printed, separated by spaces, at level notice: for debugging."""
        self._bridge.invoke(169, values)

    def serialize(self) -> str:
        """Return the record of this request as JSON text: request, response, latencies, tries, route, service,
        consumer.

        Phases: log.
        """
        result: str = self._bridge.invoke(170, ())
        return result

    def set_serialize_value(self, key: str, value: object = None, mode: str = "set") -> None:
        """Set, add or replace a value in the request's record; dots in the key make nested maps, None deletes.

        Phases: rewrite, access, response, log, response_headers, response_body.
        """
        self._bridge.invoke(171, (key, value, mode))


class Nginx:
    """What Kong reads from nginx, with the same meaning here."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get_var(self, name: str) -> str | None:
        """Return what nginx would have in the variable of that name, or None.

        Phases: all but certificate.
        """
        result: str | None = self._bridge.invoke(134, (name,))
        return result

    def get_tls1_version_str(self) -> str | None:
        """Return the TLS version of the client's connection, such as `TLSv1.3`, or None."""
        result: str | None = self._bridge.invoke(135, ())
        return result

    def get_ctx(self, key: str) -> Any:
        """Return the value under this key in the request's raw context, or None.

        Phases: all but certificate.
        """
        return self._bridge.invoke(136, (key,))

    def set_ctx(self, key: str, value: object = None) -> None:
        """Store a value in the request's raw context; None removes it.

        Phases: all but certificate.
        """
        self._bridge.invoke(137, (key, value))

    def req_start_time(self) -> float:
        """Return when the request began, in seconds of Unix time.

        Phases: all but certificate.
        """
        result: float = self._bridge.invoke(138, ())
        return result

    def get_subsystem(self) -> str:
        """Return `http`, or `stream` for TCP and TLS streams."""
        result: str = self._bridge.invoke(139, ())
        return result

    def get_statistics(self) -> dict[str, Any]:
        """Return the numbers of connections and requests of this node."""
        result: dict[str, Any] = self._bridge.invoke(140, ())
        return result


class Node:
    """This gateway node."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get_id(self) -> str:
        """Return the id of this gateway node, a UUID."""
        result: str = self._bridge.invoke(131, ())
        return result

    def get_hostname(self) -> str:
        """Return the host name of this gateway node."""
        result: str = self._bridge.invoke(132, ())
        return result

    def get_memory_stats(self, unit: str = "b", scale: int = 2) -> dict[str, Any]:
        """Return the memory in use, as numbers of bytes, or as text in the given unit."""
        result: dict[str, Any] = self._bridge.invoke(133, (unit, scale))
        return result


class Plugin:
    """The plugin that runs."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get_id(self) -> str:
        """Return the id of the plugin entity whose handler runs."""
        result: str = self._bridge.invoke(142, ())
        return result


class Request:
    """The client's request, with the changes that plugins made so far."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get_start_time(self) -> int:
        """Return when the request began, in milliseconds of Unix time.

        Phases: all but certificate, preread.
        """
        result: int = self._bridge.invoke(18, ())
        return result

    def get_uri_captures(self) -> dict[str, Any]:
        """Return what the route's regular expression captured: `unnamed`, a list with the whole match first, and
        `named`, a map; both empty without captures.

        Phases: all but certificate, preread.
        """
        result: dict[str, Any] = self._bridge.invoke(19, ())
        return result

    def get_method(self) -> str:
        """Return the request's method, in upper case.

        Phases: all but certificate, preread.
        """
        result: str = self._bridge.invoke(40, ())
        return result

    def get_scheme(self) -> str:
        """Return the scheme of the client's connection: `http` or `https`.

        Phases: all but certificate, preread.
        """
        result: str = self._bridge.invoke(41, ())
        return result

    def get_host(self) -> str:
        """Return the host asked for, in lower case and without port.

        Phases: all but certificate, preread.
        """
        result: str = self._bridge.invoke(42, ())
        return result

    def get_port(self) -> int:
        """Return the port of this gateway that the client is connected to."""
        result: int = self._bridge.invoke(43, ())
        return result

    def get_path(self) -> str:
        """Return the normalised path, without query: escapes of unreserved bytes decoded, dot segments and double
        slashes gone.

        Phases: all but certificate, preread.
        """
        result: str = self._bridge.invoke(44, ())
        return result

    def get_raw_path(self) -> str:
        """Return the path as received, without query.

        Phases: all but certificate, preread.
        """
        result: str = self._bridge.invoke(45, ())
        return result

    def get_path_with_query(self) -> str:
        """Return the request target as received: path and query.

        Phases: all but certificate, preread.
        """
        result: str = self._bridge.invoke(46, ())
        return result

    def get_raw_query(self) -> str:
        """Return the query without its question mark, undecoded; an empty string if there is none.

        Phases: all but certificate, preread.
        """
        result: str = self._bridge.invoke(47, ())
        return result

    def get_query_arg(self, name: str | bytes) -> QueryValue | None:
        """Return the first value of a query argument, True if it has no `=`, None if it is not there.

        Phases: all but certificate, preread.
        """
        result: QueryValue | None = self._bridge.invoke(48, (name,))
        return result

    def get_query(self, max_args: int | None = None) -> dict[str, QueryValue | list[QueryValue]]:
        """Return the query's arguments, decoded: a string, True for a name without `=`, a list for a repeated name.

        Phases: all but certificate, preread.
        """
        result: dict[str, QueryValue | list[QueryValue]] = self._bridge.invoke(49, (max_args,))
        return result

    def get_header(self, name: str | bytes) -> str | None:
        """Return the first value of a request header, or None; case does not matter, `_` also finds `-`.

        Phases: all but certificate, preread.
        """
        result: str | None = self._bridge.invoke(50, (name,))
        return result

    def get_headers(self, max_headers: int | None = None) -> dict[str, str | list[str]]:
        """Return the request's headers by lower-case name; a repeated header has a list of values.

        Phases: all but certificate, preread.
        """
        result: dict[str, str | list[str]] = self._bridge.invoke(51, (max_headers,))
        return result

    def get_http_version(self) -> float | None:
        """Return the HTTP version of the request: 1, 1.1, 2 or 3.

        Phases: all but certificate, preread.
        """
        result: float | None = self._bridge.invoke(52, ())
        return result

    def get_forwarded_scheme(self) -> str:
        """Return the scheme a trusted peer says the client used, else that of the connection.

        Phases: all but certificate, preread.
        """
        result: str = self._bridge.invoke(53, ())
        return result

    def get_forwarded_host(self) -> str:
        """Return the host a trusted peer says the client asked for, else that of the request.

        Phases: all but certificate, preread.
        """
        result: str = self._bridge.invoke(54, ())
        return result

    def get_forwarded_port(self) -> int:
        """Return the port a trusted peer says the client is connected to, else this gateway's.

        Phases: all but certificate, preread.
        """
        result: int = self._bridge.invoke(55, ())
        return result

    def get_forwarded_path(self) -> str:
        """Return the path a trusted peer says the client asked for, else the normalised path.

        Phases: all but certificate, preread.
        """
        result: str = self._bridge.invoke(56, ())
        return result

    def get_forwarded_prefix(self) -> str | None:
        """Return the path prefix a trusted peer says was stripped, else the one the route strips, or None.

        Phases: all but certificate, preread.
        """
        result: str | None = self._bridge.invoke(57, ())
        return result

    def get_raw_body(self, max_allowed_file_size: int | None = None) -> bytes:
        """Return the request's body as bytes, empty if there is none.

        Phases: rewrite, access, response.
        """
        result: bytes = self._bridge.invoke(58, (max_allowed_file_size,))
        return result

    def get_body(
        self,
        mimetype: str | None = None,
        max_args: int | None = None,
        max_allowed_file_size: int | None = None,
    ) -> Any:
        """Return the request's body parsed as form, JSON or multipart, by `mimetype` or the Content-Type.

        Phases: rewrite, access, response.
        """
        return self._bridge.invoke(59, (mimetype, max_args, max_allowed_file_size))


class Response:
    """The response to the client."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def set_header(self, name: str | bytes, value: HeaderValue) -> None:
        """Set a header of the response, replacing every value it had.

        Phases: rewrite, access, response, response_headers.
        """
        self._bridge.invoke(60, (name, value))

    def add_header(self, name: str | bytes, value: HeaderValue) -> None:
        """Add a header to the response, after those of the same name.

        Phases: rewrite, access, response, response_headers.
        """
        self._bridge.invoke(61, (name, value))

    def clear_header(self, name: str | bytes) -> None:
        """Remove every header of that name from the response.

        Phases: rewrite, access, response, response_headers.
        """
        self._bridge.invoke(62, (name,))

    def set_headers(self, headers: Mapping[str, HeaderValue]) -> None:
        """Set several headers of the response; each replaces those of its name, others stay.

        Phases: rewrite, access, response, response_headers.
        """
        self._bridge.invoke(63, (headers,))

    def set_status(self, status: int) -> None:
        """Set the status of the response.

        Phases: rewrite, access, response, response_headers.
        """
        self._bridge.invoke(64, (status,))

    def get_status(self) -> int:
        """Return the status that the client gets.

        Phases: response, log, response_headers, response_body.
        """
        result: int = self._bridge.invoke(65, ())
        return result

    def get_header(self, name: str | bytes) -> str | None:
        """Return the first value of a header of the response to the client, or None.

        Phases: response, log, response_headers, response_body.
        """
        result: str | None = self._bridge.invoke(66, (name,))
        return result

    def get_headers(self, max_headers: int | None = None) -> dict[str, str | list[str]]:
        """Return the headers of the response to the client by lower-case name; a repeated header has a list of
        values.

        Phases: response, log, response_headers, response_body.
        """
        result: dict[str, str | list[str]] = self._bridge.invoke(67, (max_headers,))
        return result

    def get_source(self) -> str:
        """Return where the response comes from: `service`, `exit` (a plugin answered) or `error`.

        Phases: response, log, response_headers, response_body.
        """
        result: str = self._bridge.invoke(68, ())
        return result

    def exit(
        self,
        status: int,
        body: str | bytes | Mapping[str, Any] | Sequence[Any] | None = None,
        headers: Mapping[str, HeaderValue] | None = None,
    ) -> NoReturn:
        """End the handler and answer the client with this status, body (a map or list becomes JSON) and headers.

        Phases: rewrite, access, response, preread, response_headers.
        """
        self._bridge.invoke(69, (status, body, headers))
        raise RuntimeError("kong.response.exit returned")

    def error(
        self,
        status: int,
        message: str | bytes | Mapping[str, Any] | Sequence[Any] | None = None,
        headers: Mapping[str, HeaderValue] | None = None,
    ) -> NoReturn:
        """End the handler and answer the client with an error page, in a format the client accepts.

        Phases: rewrite, access, response, response_headers.
        """
        self._bridge.invoke(70, (status, message, headers))
        raise RuntimeError("kong.response.error returned")

    def get_raw_body(self) -> bytes:
        """Return the whole body that the client is going to get, as bytes.

        Phases: response.
        """
        result: bytes = self._bridge.invoke(71, ())
        return result

    def set_raw_body(self, body: bytes | str) -> None:
        """Replace the body that the client gets; length, coding, entity tag and digests of the old one are dropped.

        Phases: response.
        """
        self._bridge.invoke(72, (body,))


class Router:
    """The route that matched."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get_route(self) -> dict[str, Any] | None:
        """Return the route that matched, or None.

        Phases: all but certificate, rewrite, preread.
        """
        result: dict[str, Any] | None = self._bridge.invoke(120, ())
        return result

    def get_service(self) -> dict[str, Any] | None:
        """Return the service of the route, or None.

        Phases: all but certificate, rewrite, preread.
        """
        result: dict[str, Any] | None = self._bridge.invoke(121, ())
        return result


class Service:
    """Where and how the request is sent upstream."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    @property
    def request(self) -> ServiceRequest:
        return ServiceRequest(self._bridge)

    @property
    def response(self) -> ServiceResponse:
        return ServiceResponse(self._bridge)

    def set_upstream(self, host: str) -> bool:
        """Send the request to the upstream entity of that name; fails if there is none.

        Phases: access.
        """
        result: bool = self._bridge.invoke(80, (host,))
        return result

    def set_target(self, host: str, port: int) -> None:
        """Send the request to this host and port, past the balancer; the Host header sent upstream becomes `host`.

        Phases: rewrite, access, preread.
        """
        self._bridge.invoke(81, (host, port))

    def set_retries(self, retries: int) -> None:
        """Set how often sending upstream is tried again.

        Phases: access.
        """
        self._bridge.invoke(82, (retries,))

    def set_timeouts(self, connect_timeout: int, write_timeout: int, read_timeout: int) -> None:
        """Set the time-outs towards upstream, in milliseconds.

        Phases: access.
        """
        self._bridge.invoke(83, (connect_timeout, write_timeout, read_timeout))

    def set_tls_verify(self, on: bool) -> bool:
        """Turn verification of the upstream's certificate on or off for this request.

        Phases: rewrite, access, preread.
        """
        result: bool = self._bridge.invoke(84, (on,))
        return result

    def set_tls_verify_depth(self, depth: int) -> bool:
        """Set how long the chain of the upstream's certificate may be.

        Phases: rewrite, access, preread.
        """
        result: bool = self._bridge.invoke(85, (depth,))
        return result


class Telemetry:
    """Structured log entries for OpenTelemetry."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def log(
        self,
        plugin_name: str,
        plugin_config: Mapping[str, Any],
        message_type: str,
        message: object,
        attributes: Mapping[str, Any] | None = None,
    ) -> bool:
        """Hand a structured entry to a telemetry plugin; fails if no such plugin is active.

        Phases: all but certificate.
        """
        result: bool = self._bridge.invoke(190, (plugin_name, plugin_config, message_type, message, attributes))
        return result


class Tracing:
    """Spans."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def active_span(self) -> dict[str, Any] | None:
        """Return the span that is active, or None.

        Phases: all but certificate, preread.
        Not there yet: tracing is not supported yet.
        """
        result: dict[str, Any] | None = self._bridge.invoke(200, ())
        return result

    def set_active_span(self, span: Mapping[str, Any]) -> None:
        """Make a span the active one.

        Phases: all but certificate, preread.
        Not there yet: tracing is not supported yet.
        """
        self._bridge.invoke(201, (span,))

    def start_span(self, name: str, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Start a span and return it.

        Phases: all but certificate, preread.
        Not there yet: tracing is not supported yet.
        """
        result: dict[str, Any] = self._bridge.invoke(202, (name, options))
        return result

    def create_span(self, name: str, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Make a span without starting it, and return it.

        Phases: all but certificate, preread.
        Not there yet: tracing is not supported yet.
        """
        result: dict[str, Any] = self._bridge.invoke(203, (name, options))
        return result

    def set_should_sample(self, should_sample: bool) -> None:
        """Say whether the spans of this request are kept.

        Phases: all but certificate, preread.
        Not there yet: tracing is not supported yet.
        """
        self._bridge.invoke(204, (should_sample,))

    def get_sampling_decision(
        self,
        parent_should_sample: bool | None = None,
        sampling_rate: float | None = None,
    ) -> bool:
        """Return whether the spans of this request are kept.

        Phases: all but certificate, preread.
        Not there yet: tracing is not supported yet.
        """
        result: bool = self._bridge.invoke(205, (parent_should_sample, sampling_rate))
        return result


class Vault:
    """Secrets."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get(self, reference: str) -> str:
        """Return the secret that a reference such as `{vault://env/token}` points to."""
        result: str = self._bridge.invoke(150, (reference,))
        return result

    def is_reference(self, reference: str) -> bool:
        """Return whether the text has the form of a vault reference."""
        result: bool = self._bridge.invoke(151, (reference,))
        return result

    def parse_reference(self, reference: str) -> dict[str, Any]:
        """Return the parts of a vault reference: `name`, `resource`, and if given `key`, `config`, `version`."""
        result: dict[str, Any] = self._bridge.invoke(152, (reference,))
        return result

    def update(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return a copy of the options in which the fields named in `$refs` are resolved anew."""
        result: dict[str, Any] = self._bridge.invoke(153, (options,))
        return result

    def flush(self) -> None:
        """Forget the secrets that this node has cached."""
        self._bridge.invoke(154, ())


class Websocket:
    """WebSocket frames."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    @property
    def client(self) -> WebsocketClient:
        return WebsocketClient(self._bridge)

    @property
    def upstream(self) -> WebsocketUpstream:
        return WebsocketUpstream(self._bridge)


class Kong:
    """The PDK of one step of an event, as a plain handler sees it."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    @property
    def client(self) -> Client:
        return Client(self._bridge)

    @property
    def cluster(self) -> Cluster:
        return Cluster(self._bridge)

    @property
    def ctx(self) -> Ctx:
        return Ctx(self._bridge)

    @property
    def enterprise_edition(self) -> EnterpriseEdition:
        return EnterpriseEdition(self._bridge)

    @property
    def exchange(self) -> Exchange:
        return Exchange(self._bridge)

    @property
    def ip(self) -> Ip:
        return Ip(self._bridge)

    @property
    def log(self) -> Log:
        return Log(self._bridge)

    @property
    def nginx(self) -> Nginx:
        return Nginx(self._bridge)

    @property
    def node(self) -> Node:
        return Node(self._bridge)

    @property
    def plugin(self) -> Plugin:
        return Plugin(self._bridge)

    @property
    def request(self) -> Request:
        return Request(self._bridge)

    @property
    def response(self) -> Response:
        return Response(self._bridge)

    @property
    def router(self) -> Router:
        return Router(self._bridge)

    @property
    def service(self) -> Service:
        return Service(self._bridge)

    @property
    def telemetry(self) -> Telemetry:
        return Telemetry(self._bridge)

    @property
    def tracing(self) -> Tracing:
        return Tracing(self._bridge)

    @property
    def vault(self) -> Vault:
        return Vault(self._bridge)

    @property
    def websocket(self) -> Websocket:
        return Websocket(self._bridge)


class AsyncClientTls:
    """The client's TLS connection."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def request_client_certificate(self) -> Awaitable[bool]:
        """Ask the client for a certificate during the handshake, without requiring one.

        Phases: certificate.
        Not there yet: TLS listeners are not supported yet.
        """
        result: Awaitable[bool] = self._bridge.invoke(180, ())
        return result

    def disable_session_reuse(self) -> Awaitable[bool]:
        """Give the client no TLS session to resume this connection with.

        Phases: certificate.
        Not there yet: TLS listeners are not supported yet.
        """
        result: Awaitable[bool] = self._bridge.invoke(181, ())
        return result

    def get_full_client_certificate_chain(self) -> Awaitable[str | None]:
        """Return the client's certificate chain as PEM, its own certificate first, or None.

        Phases: rewrite, access, response, log.
        Not there yet: TLS listeners are not supported yet.
        """
        result: Awaitable[str | None] = self._bridge.invoke(182, ())
        return result

    def set_client_verify(self, value: str) -> Awaitable[None]:
        """Set what the record of the request says of the client's certificate: `SUCCESS`, `NONE` or
        `FAILED:reason`.

        Phases: rewrite, access, response.
        Not there yet: TLS listeners are not supported yet.
        """
        result: Awaitable[None] = self._bridge.invoke(183, (value,))
        return result


class AsyncCtxPlugin:
    """Values of this plugin instance, from one phase of a request to the next."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get(self, key: str) -> Awaitable[Any]:
        """Return the value that this plugin instance stored under this key in this request, or None.

        Phases: all but certificate.
        """
        result: Awaitable[Any] = self._bridge.invoke(127, (key,))
        return result

    def set(self, key: str, value: object = None) -> Awaitable[None]:
        """Store a value for later phases of this plugin instance in this request; None removes it.

        Phases: all but certificate.
        """
        result: Awaitable[None] = self._bridge.invoke(128, (key, value))
        return result


class AsyncCtxShared:
    """Values shared by all plugins of a request."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get(self, key: str) -> Awaitable[Any]:
        """Return the value that some plugin stored under this key in this request, or None.

        Phases: all but certificate.
        """
        result: Awaitable[Any] = self._bridge.invoke(125, (key,))
        return result

    def set(self, key: str, value: object = None) -> Awaitable[None]:
        """Store a value for all plugins of this request; None removes it.

        Phases: all but certificate.
        """
        result: Awaitable[None] = self._bridge.invoke(126, (key, value))
        return result


class AsyncEnterpriseEditionJwe:
    """JSON Web Encryption."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def decode(self, token: str) -> Awaitable[dict[str, Any]]:
        """Return the parts of an encrypted token.

        Not there yet: JSON Web Encryption is not supported yet.
        """
        result: Awaitable[dict[str, Any]] = self._bridge.invoke(210, (token,))
        return result

    def decrypt(self, key: object, token: str) -> Awaitable[str]:
        """Return the plain text of an encrypted token.

        Not there yet: JSON Web Encryption is not supported yet.
        """
        result: Awaitable[str] = self._bridge.invoke(211, (key, token))
        return result

    def encrypt(
        self,
        alg: str,
        enc: str,
        key: object,
        plaintext: str | bytes,
        options: Mapping[str, Any] | None = None,
    ) -> Awaitable[str]:
        """Encrypt a text and return the token.

        Not there yet: JSON Web Encryption is not supported yet.
        """
        result: Awaitable[str] = self._bridge.invoke(212, (alg, enc, key, plaintext, options))
        return result


class AsyncServiceRequest:
    """The request that is sent upstream."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def set_header(self, name: str | bytes, value: HeaderValue) -> Awaitable[None]:
        """Set a header of the request sent upstream, replacing every value it had; later plugins read it too.

        Phases: rewrite, access.
        """
        result: Awaitable[None] = self._bridge.invoke(90, (name, value))
        return result

    def add_header(self, name: str | bytes, value: HeaderValue) -> Awaitable[None]:
        """Add a header to the request sent upstream, after those of the same name.

        Phases: rewrite, access.
        """
        result: Awaitable[None] = self._bridge.invoke(91, (name, value))
        return result

    def clear_header(self, name: str | bytes) -> Awaitable[None]:
        """Remove every header of that name from the request sent upstream.

        Phases: rewrite, access.
        """
        result: Awaitable[None] = self._bridge.invoke(92, (name,))
        return result

    def set_headers(self, headers: Mapping[str, HeaderValue]) -> Awaitable[None]:
        """Set several headers of the request sent upstream; each replaces those of its name, others stay.

        Phases: rewrite, access.
        """
        result: Awaitable[None] = self._bridge.invoke(93, (headers,))
        return result

    def set_method(self, method: str) -> Awaitable[None]:
        """Set the method of the request sent upstream.

        Phases: rewrite, access.
        """
        result: Awaitable[None] = self._bridge.invoke(94, (method,))
        return result

    def set_path(self, path: str | bytes) -> Awaitable[None]:
        """Set the path of the request sent upstream, without query; kong.request does not show it.

        Phases: rewrite, access.
        """
        result: Awaitable[None] = self._bridge.invoke(95, (path,))
        return result

    def set_scheme(self, scheme: str) -> Awaitable[None]:
        """Set the scheme used towards upstream.

        Phases: rewrite, access.
        """
        result: Awaitable[None] = self._bridge.invoke(96, (scheme,))
        return result

    def set_raw_query(self, query: str | bytes) -> Awaitable[None]:
        """Set the query of the request sent upstream, as it is and without question mark.

        Phases: rewrite, access.
        """
        result: Awaitable[None] = self._bridge.invoke(97, (query,))
        return result

    def set_query(self, args: Mapping[str, Any]) -> Awaitable[None]:
        """Set the query from names and values (string, number, boolean or a list of them), encoded and sorted.

        Phases: rewrite, access.
        """
        result: Awaitable[None] = self._bridge.invoke(98, (args,))
        return result

    def clear_query_arg(self, name: str | bytes) -> Awaitable[None]:
        """Remove every occurrence of an argument from the query.

        Phases: rewrite, access.
        """
        result: Awaitable[None] = self._bridge.invoke(99, (name,))
        return result

    def set_raw_body(self, body: bytes | str) -> Awaitable[None]:
        """Set the body of the request sent upstream; the length is adjusted.

        Phases: rewrite, access.
        """
        result: Awaitable[None] = self._bridge.invoke(100, (body,))
        return result

    def set_body(self, args: Mapping[str, Any], mimetype: str | None = None) -> Awaitable[bool]:
        """Encode the body of the request sent upstream as form, JSON or multipart, by `mimetype` or the Content-
        Type.

        Phases: rewrite, access.
        """
        result: Awaitable[bool] = self._bridge.invoke(101, (args, mimetype))
        return result

    def enable_buffering(self) -> Awaitable[None]:
        """Have the upstream's response read whole before the client gets any of it.

        Phases: rewrite, access.
        """
        result: Awaitable[None] = self._bridge.invoke(102, ())
        return result

    def disable_tls(self) -> Awaitable[bool]:
        """Connect upstream without TLS, in a stream.

        Phases: preread.
        Not there yet: TCP and TLS streams are not supported yet.
        """
        result: Awaitable[bool] = self._bridge.invoke(103, ())
        return result

    def enable_tls(self) -> Awaitable[bool]:
        """Connect upstream with TLS, in a stream.

        Phases: preread.
        Not there yet: TCP and TLS streams are not supported yet.
        """
        result: Awaitable[bool] = self._bridge.invoke(104, ())
        return result


class AsyncServiceResponse:
    """The response that came from upstream."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get_status(self) -> Awaitable[int | None]:
        """Return the status of the upstream's response, or None if the request was not sent upstream.

        Phases: response, log, response_headers, response_body.
        """
        result: Awaitable[int | None] = self._bridge.invoke(110, ())
        return result

    def get_header(self, name: str | bytes) -> Awaitable[str | None]:
        """Return the first value of a header as it came from upstream, or None.

        Phases: response, log, response_headers, response_body.
        """
        result: Awaitable[str | None] = self._bridge.invoke(111, (name,))
        return result

    def get_headers(self, max_headers: int | None = None) -> Awaitable[dict[str, str | list[str]]]:
        """Return the headers that came from upstream by lower-case name; a repeated header has a list of values.

        Phases: response, log, response_headers, response_body.
        """
        result: Awaitable[dict[str, str | list[str]]] = self._bridge.invoke(112, (max_headers,))
        return result

    def get_raw_body(self) -> Awaitable[bytes]:
        """Return the body that came from upstream as bytes; the response must be buffered.

        Phases: response, log, response_headers, response_body.
        """
        result: Awaitable[bytes] = self._bridge.invoke(113, ())
        return result

    def get_body(self, mimetype: str | None = None, max_args: int | None = None) -> Awaitable[Any]:
        """Return the body that came from upstream parsed as form, JSON or multipart; the response must be buffered.

        Phases: response, log, response_headers, response_body.
        """
        result: Awaitable[Any] = self._bridge.invoke(114, (mimetype, max_args))
        return result


class AsyncWebsocketClient:
    """Frames from the client."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get_frame(self) -> Awaitable[list[Any]]:
        """Return the frame from the client: payload, type (`text`, `binary`, `ping`, `pong`, `close`) and, for a
        close, its status.

        Phases: ws_client_frame.
        Not there yet: WebSocket is not supported yet.
        """
        result: Awaitable[list[Any]] = self._bridge.invoke(220, ())
        return result

    def set_frame_data(self, data: bytes | str) -> Awaitable[None]:
        """Replace the payload of the frame before it is forwarded.

        Phases: ws_client_frame.
        Not there yet: WebSocket is not supported yet.
        """
        result: Awaitable[None] = self._bridge.invoke(221, (data,))
        return result

    def set_status(self, status: int) -> Awaitable[None]:
        """Replace the status of a close frame.

        Phases: ws_client_frame.
        Not there yet: WebSocket is not supported yet.
        """
        result: Awaitable[None] = self._bridge.invoke(222, (status,))
        return result

    def drop_frame(self) -> Awaitable[None]:
        """Do not forward the frame, and skip the plugins that would still see it.

        Phases: ws_client_frame.
        Not there yet: WebSocket is not supported yet.
        """
        result: Awaitable[None] = self._bridge.invoke(223, ())
        return result

    def close(
        self,
        status: int | None = None,
        message: str | bytes | None = None,
        upstream_status: int | None = None,
        upstream_payload: str | bytes | None = None,
    ) -> Awaitable[None]:
        """End the session with close frames to both sides.

        Phases: ws_client_frame.
        Not there yet: WebSocket is not supported yet.
        """
        result: Awaitable[None] = self._bridge.invoke(224, (status, message, upstream_status, upstream_payload))
        return result

    def set_max_payload_size(self, size: int) -> Awaitable[None]:
        """Set how many bytes a message from the client may have.

        Phases: ws_handshake.
        Not there yet: WebSocket is not supported yet.
        """
        result: Awaitable[None] = self._bridge.invoke(225, (size,))
        return result


class AsyncWebsocketUpstream:
    """Frames from upstream."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get_frame(self) -> Awaitable[list[Any]]:
        """Return the frame from the upstream: payload, type (`text`, `binary`, `ping`, `pong`, `close`) and, for a
        close, its status.

        Phases: ws_upstream_frame.
        Not there yet: WebSocket is not supported yet.
        """
        result: Awaitable[list[Any]] = self._bridge.invoke(230, ())
        return result

    def set_frame_data(self, data: bytes | str) -> Awaitable[None]:
        """Replace the payload of the frame before it is forwarded.

        Phases: ws_upstream_frame.
        Not there yet: WebSocket is not supported yet.
        """
        result: Awaitable[None] = self._bridge.invoke(231, (data,))
        return result

    def set_status(self, status: int) -> Awaitable[None]:
        """Replace the status of a close frame.

        Phases: ws_upstream_frame.
        Not there yet: WebSocket is not supported yet.
        """
        result: Awaitable[None] = self._bridge.invoke(232, (status,))
        return result

    def drop_frame(self) -> Awaitable[None]:
        """Do not forward the frame, and skip the plugins that would still see it.

        Phases: ws_upstream_frame.
        Not there yet: WebSocket is not supported yet.
        """
        result: Awaitable[None] = self._bridge.invoke(233, ())
        return result

    def close(
        self,
        status: int | None = None,
        message: str | bytes | None = None,
        client_status: int | None = None,
        client_payload: str | bytes | None = None,
    ) -> Awaitable[None]:
        """End the session with close frames to both sides.

        Phases: ws_upstream_frame.
        Not there yet: WebSocket is not supported yet.
        """
        result: Awaitable[None] = self._bridge.invoke(234, (status, message, client_status, client_payload))
        return result

    def set_max_payload_size(self, size: int) -> Awaitable[None]:
        """Set how many bytes a message from the upstream may have.

        Phases: ws_handshake.
        Not there yet: WebSocket is not supported yet.
        """
        result: Awaitable[None] = self._bridge.invoke(235, (size,))
        return result


class AsyncClient:
    """The client: its address, and who it is."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    @property
    def tls(self) -> AsyncClientTls:
        return AsyncClientTls(self._bridge)

    def get_ip(self) -> Awaitable[str]:
        """Return the address of the peer that is connected, never a forwarded one."""
        result: Awaitable[str] = self._bridge.invoke(20, ())
        return result

    def get_forwarded_ip(self) -> Awaitable[str]:
        """Return the client's address after the real-ip rules: what a trusted peer says it is."""
        result: Awaitable[str] = self._bridge.invoke(21, ())
        return result

    def get_port(self) -> Awaitable[int]:
        """Return the port of the peer that is connected."""
        result: Awaitable[int] = self._bridge.invoke(22, ())
        return result

    def get_forwarded_port(self) -> Awaitable[int | None]:
        """Return the client's port after the real-ip rules, or None if a trusted peer named an address without one."""
        result: Awaitable[int | None] = self._bridge.invoke(23, ())
        return result

    def load_consumer(self, consumer_id: str, search_by_username: bool = False) -> Awaitable[dict[str, Any] | None]:
        """Load a consumer by id, or with `search_by_username` by name as well, and return it, or None.

        Phases: all but certificate, rewrite, preread.
        """
        result: Awaitable[dict[str, Any] | None] = self._bridge.invoke(24, (consumer_id, search_by_username))
        return result

    def get_consumer(self) -> Awaitable[dict[str, Any] | None]:
        """Return the authenticated consumer, or None.

        Phases: all but certificate, rewrite, preread.
        """
        result: Awaitable[dict[str, Any] | None] = self._bridge.invoke(25, ())
        return result

    def get_credential(self) -> Awaitable[dict[str, Any] | None]:
        """Return the credential the client authenticated with, or None.

        Phases: all but certificate, rewrite, preread.
        """
        result: Awaitable[dict[str, Any] | None] = self._bridge.invoke(26, ())
        return result

    def authenticate(
        self,
        consumer: Mapping[str, Any] | None = None,
        credential: Mapping[str, Any] | None = None,
    ) -> Awaitable[None]:
        """Set both the authenticated consumer and the credential; one of them may be None, which clears it.

        Phases: access.
        """
        result: Awaitable[None] = self._bridge.invoke(27, (consumer, credential))
        return result

    def get_protocol(self, allow_terminated: bool = False) -> Awaitable[str]:
        """Return the protocol that the route was matched by; with `allow_terminated` a trusted X-Forwarded-Proto
        counts as https.

        Phases: all but certificate, rewrite, preread.
        """
        result: Awaitable[str] = self._bridge.invoke(28, (allow_terminated,))
        return result

    def authenticate_consumer_group_by_consumer_id(self, consumer_id: str) -> Awaitable[None]:
        """Set the consumer groups of a consumer, given by id, as the authenticated ones.

        Phases: access.
        """
        result: Awaitable[None] = self._bridge.invoke(29, (consumer_id,))
        return result

    def get_consumer_group(self) -> Awaitable[dict[str, Any] | None]:
        """Return the authenticated consumer group, or None.

        Phases: all but certificate, rewrite, preread.
        """
        result: Awaitable[dict[str, Any] | None] = self._bridge.invoke(30, ())
        return result

    def get_consumer_groups(self) -> Awaitable[list[Any] | None]:
        """Return the authenticated consumer groups, or None.

        Phases: all but certificate, rewrite, preread.
        """
        result: Awaitable[list[Any] | None] = self._bridge.invoke(31, ())
        return result

    def set_authenticated_consumer_group(self, group: Mapping[str, Any] | None = None) -> Awaitable[None]:
        """Set the authenticated consumer group; None clears it.

        Phases: access.
        """
        result: Awaitable[None] = self._bridge.invoke(32, (group,))
        return result

    def set_authenticated_consumer_groups(self, groups: Sequence[Any] | None = None) -> Awaitable[None]:
        """Set the authenticated consumer groups; None clears them.

        Phases: access.
        """
        result: Awaitable[None] = self._bridge.invoke(33, (groups,))
        return result


class AsyncCluster:
    """The cluster this node belongs to."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get_id(self) -> Awaitable[str | None]:
        """Return the id of the cluster, or None if this node belongs to none."""
        result: Awaitable[str | None] = self._bridge.invoke(141, ())
        return result


class AsyncCtx:
    """Values kept for the time of a request."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    @property
    def plugin(self) -> AsyncCtxPlugin:
        return AsyncCtxPlugin(self._bridge)

    @property
    def shared(self) -> AsyncCtxShared:
        return AsyncCtxShared(self._bridge)


class AsyncEnterpriseEdition:
    """Functions of Kong Enterprise."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    @property
    def jwe(self) -> AsyncEnterpriseEditionJwe:
        return AsyncEnterpriseEditionJwe(self._bridge)


class AsyncExchange:
    """This request on its way through the gateway (ours, not in Kong)."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get_id(self) -> Awaitable[str]:
        """Return the request's id: 32 lower-case hexadecimal digits, the same in logs and headers.

        Phases: all but certificate.
        """
        result: Awaitable[str] = self._bridge.invoke(1, ())
        return result

    def get_trace_context(self) -> Awaitable[str | None]:
        """Return the W3C `traceparent` that this request belongs to, or None.

        Phases: all but certificate.
        """
        result: Awaitable[str | None] = self._bridge.invoke(2, ())
        return result

    def get_route_id(self) -> Awaitable[str | None]:
        """Return the id of the route that matched, or None.

        Phases: all but certificate, rewrite, preread.
        """
        result: Awaitable[str | None] = self._bridge.invoke(3, ())
        return result

    def get_service_id(self) -> Awaitable[str | None]:
        """Return the id of the route's service, or None.

        Phases: all but certificate, rewrite, preread.
        """
        result: Awaitable[str | None] = self._bridge.invoke(4, ())
        return result

    def get_consumer_id(self) -> Awaitable[str | None]:
        """Return the id of the authenticated consumer, or None.

        Phases: all but certificate, rewrite, preread.
        """
        result: Awaitable[str | None] = self._bridge.invoke(5, ())
        return result

    def get_credential_id(self) -> Awaitable[str | None]:
        """Return the id of the credential the client authenticated with, or None.

        Phases: all but certificate, rewrite, preread.
        """
        result: Awaitable[str | None] = self._bridge.invoke(6, ())
        return result

    def get_server_name(self) -> Awaitable[str | None]:
        """Return the server name (SNI) that the client asked for, or None.

        Not there yet: TLS listeners are not supported yet.
        """
        result: Awaitable[str | None] = self._bridge.invoke(7, ())
        return result

    def get_latencies(self) -> Awaitable[dict[str, Any]]:
        """Return the latencies `kong`, `proxy`, `request` and `receive` in milliseconds, as in the log record.

        Phases: log.
        """
        result: Awaitable[dict[str, Any]] = self._bridge.invoke(8, ())
        return result

    def get_sizes(self) -> Awaitable[dict[str, Any]]:
        """Return `request` and `response`: the bytes received from and sent to the client, heads included.

        Phases: log.
        """
        result: Awaitable[dict[str, Any]] = self._bridge.invoke(9, ())
        return result


class AsyncIp:
    """Addresses."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def is_trusted(self, address: str) -> Awaitable[bool]:
        """Return whether the address is one of the trusted ones."""
        result: Awaitable[bool] = self._bridge.invoke(130, (address,))
        return result


class AsyncLog:
    """Log lines, and the record of the request. Calling `kong.log(...)` itself logs at level notice."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def __call__(self, *values: object) -> Awaitable[None]:
        """Write a log line at level notice; the values are joined without separator."""
        result: Awaitable[None] = self._bridge.invoke(160, values)
        return result

    def debug(self, *values: object) -> Awaitable[None]:
        """Write a log line at level debug; the values are joined without separator."""
        result: Awaitable[None] = self._bridge.invoke(161, values)
        return result

    def info(self, *values: object) -> Awaitable[None]:
        """Write a log line at level info; the values are joined without separator."""
        result: Awaitable[None] = self._bridge.invoke(162, values)
        return result

    def notice(self, *values: object) -> Awaitable[None]:
        """Write a log line at level notice; the values are joined without separator."""
        result: Awaitable[None] = self._bridge.invoke(163, values)
        return result

    def warn(self, *values: object) -> Awaitable[None]:
        """Write a log line at level warn; the values are joined without separator."""
        result: Awaitable[None] = self._bridge.invoke(164, values)
        return result

    def err(self, *values: object) -> Awaitable[None]:
        """Write a log line at level err; the values are joined without separator."""
        result: Awaitable[None] = self._bridge.invoke(165, values)
        return result

    def crit(self, *values: object) -> Awaitable[None]:
        """Write a log line at level crit; the values are joined without separator."""
        result: Awaitable[None] = self._bridge.invoke(166, values)
        return result

    def alert(self, *values: object) -> Awaitable[None]:
        """Write a log line at level alert; the values are joined without separator."""
        result: Awaitable[None] = self._bridge.invoke(167, values)
        return result

    def deprecation(self, *values: object) -> Awaitable[None]:
        """Write a warning about something deprecated; a map as last value may hold `after` and `removal`, the
        versions.
        """
        result: Awaitable[None] = self._bridge.invoke(168, values)
        return result

    def inspect(self, *values: object) -> Awaitable[None]:
        """Write the values pretty-printed, separated by spaces, at level notice: for debugging."""
        result: Awaitable[None] = self._bridge.invoke(169, values)
        return result

    def serialize(self) -> Awaitable[str]:
        """Return the record of this request as JSON text: request, response, latencies, tries, route, service,
        consumer.

        Phases: log.
        """
        result: Awaitable[str] = self._bridge.invoke(170, ())
        return result

    def set_serialize_value(self, key: str, value: object = None, mode: str = "set") -> Awaitable[None]:
        """Set, add or replace a value in the request's record; dots in the key make nested maps, None deletes.

        Phases: rewrite, access, response, log, response_headers, response_body.
        """
        result: Awaitable[None] = self._bridge.invoke(171, (key, value, mode))
        return result


class AsyncNginx:
    """What Kong reads from nginx, with the same meaning here."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get_var(self, name: str) -> Awaitable[str | None]:
        """Return what nginx would have in the variable of that name, or None.

        Phases: all but certificate.
        """
        result: Awaitable[str | None] = self._bridge.invoke(134, (name,))
        return result

    def get_tls1_version_str(self) -> Awaitable[str | None]:
        """Return the TLS version of the client's connection, such as `TLSv1.3`, or None."""
        result: Awaitable[str | None] = self._bridge.invoke(135, ())
        return result

    def get_ctx(self, key: str) -> Awaitable[Any]:
        """Return the value under this key in the request's raw context, or None.

        Phases: all but certificate.
        """
        result: Awaitable[Any] = self._bridge.invoke(136, (key,))
        return result

    def set_ctx(self, key: str, value: object = None) -> Awaitable[None]:
        """Store a value in the request's raw context; None removes it.

        Phases: all but certificate.
        """
        result: Awaitable[None] = self._bridge.invoke(137, (key, value))
        return result

    def req_start_time(self) -> Awaitable[float]:
        """Return when the request began, in seconds of Unix time.

        Phases: all but certificate.
        """
        result: Awaitable[float] = self._bridge.invoke(138, ())
        return result

    def get_subsystem(self) -> Awaitable[str]:
        """Return `http`, or `stream` for TCP and TLS streams."""
        result: Awaitable[str] = self._bridge.invoke(139, ())
        return result

    def get_statistics(self) -> Awaitable[dict[str, Any]]:
        """Return the numbers of connections and requests of this node."""
        result: Awaitable[dict[str, Any]] = self._bridge.invoke(140, ())
        return result


class AsyncNode:
    """This gateway node."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get_id(self) -> Awaitable[str]:
        """Return the id of this gateway node, a UUID."""
        result: Awaitable[str] = self._bridge.invoke(131, ())
        return result

    def get_hostname(self) -> Awaitable[str]:
        """Return the host name of this gateway node."""
        result: Awaitable[str] = self._bridge.invoke(132, ())
        return result

    def get_memory_stats(self, unit: str = "b", scale: int = 2) -> Awaitable[dict[str, Any]]:
        """Return the memory in use, as numbers of bytes, or as text in the given unit."""
        result: Awaitable[dict[str, Any]] = self._bridge.invoke(133, (unit, scale))
        return result


class AsyncPlugin:
    """The plugin that runs."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get_id(self) -> Awaitable[str]:
        """Return the id of the plugin entity whose handler runs."""
        result: Awaitable[str] = self._bridge.invoke(142, ())
        return result


class AsyncRequest:
    """The client's request, with the changes that plugins made so far."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get_start_time(self) -> Awaitable[int]:
        """Return when the request began, in milliseconds of Unix time.

        Phases: all but certificate, preread.
        """
        result: Awaitable[int] = self._bridge.invoke(18, ())
        return result

    def get_uri_captures(self) -> Awaitable[dict[str, Any]]:
        """Return what the route's regular expression captured: `unnamed`, a list with the whole match first, and
        `named`, a map; both empty without captures.

        Phases: all but certificate, preread.
        """
        result: Awaitable[dict[str, Any]] = self._bridge.invoke(19, ())
        return result

    def get_method(self) -> Awaitable[str]:
        """Return the request's method, in upper case.

        Phases: all but certificate, preread.
        """
        result: Awaitable[str] = self._bridge.invoke(40, ())
        return result

    def get_scheme(self) -> Awaitable[str]:
        """Return the scheme of the client's connection: `http` or `https`.

        Phases: all but certificate, preread.
        """
        result: Awaitable[str] = self._bridge.invoke(41, ())
        return result

    def get_host(self) -> Awaitable[str]:
        """Return the host asked for, in lower case and without port.

        Phases: all but certificate, preread.
        """
        result: Awaitable[str] = self._bridge.invoke(42, ())
        return result

    def get_port(self) -> Awaitable[int]:
        """Return the port of this gateway that the client is connected to."""
        result: Awaitable[int] = self._bridge.invoke(43, ())
        return result

    def get_path(self) -> Awaitable[str]:
        """Return the normalised path, without query: escapes of unreserved bytes decoded, dot segments and double
        slashes gone.

        Phases: all but certificate, preread.
        """
        result: Awaitable[str] = self._bridge.invoke(44, ())
        return result

    def get_raw_path(self) -> Awaitable[str]:
        """Return the path as received, without query.

        Phases: all but certificate, preread.
        """
        result: Awaitable[str] = self._bridge.invoke(45, ())
        return result

    def get_path_with_query(self) -> Awaitable[str]:
        """Return the request target as received: path and query.

        Phases: all but certificate, preread.
        """
        result: Awaitable[str] = self._bridge.invoke(46, ())
        return result

    def get_raw_query(self) -> Awaitable[str]:
        """Return the query without its question mark, undecoded; an empty string if there is none.

        Phases: all but certificate, preread.
        """
        result: Awaitable[str] = self._bridge.invoke(47, ())
        return result

    def get_query_arg(self, name: str | bytes) -> Awaitable[QueryValue | None]:
        """Return the first value of a query argument, True if it has no `=`, None if it is not there.

        Phases: all but certificate, preread.
        """
        result: Awaitable[QueryValue | None] = self._bridge.invoke(48, (name,))
        return result

    def get_query(self, max_args: int | None = None) -> Awaitable[dict[str, QueryValue | list[QueryValue]]]:
        """Return the query's arguments, decoded: a string, True for a name without `=`, a list for a repeated name.

        Phases: all but certificate, preread.
        """
        result: Awaitable[dict[str, QueryValue | list[QueryValue]]] = self._bridge.invoke(49, (max_args,))
        return result

    def get_header(self, name: str | bytes) -> Awaitable[str | None]:
        """Return the first value of a request header, or None; case does not matter, `_` also finds `-`.

        Phases: all but certificate, preread.
        """
        result: Awaitable[str | None] = self._bridge.invoke(50, (name,))
        return result

    def get_headers(self, max_headers: int | None = None) -> Awaitable[dict[str, str | list[str]]]:
        """Return the request's headers by lower-case name; a repeated header has a list of values.

        Phases: all but certificate, preread.
        """
        result: Awaitable[dict[str, str | list[str]]] = self._bridge.invoke(51, (max_headers,))
        return result

    def get_http_version(self) -> Awaitable[float | None]:
        """Return the HTTP version of the request: 1, 1.1, 2 or 3.

        Phases: all but certificate, preread.
        """
        result: Awaitable[float | None] = self._bridge.invoke(52, ())
        return result

    def get_forwarded_scheme(self) -> Awaitable[str]:
        """Return the scheme a trusted peer says the client used, else that of the connection.

        Phases: all but certificate, preread.
        """
        result: Awaitable[str] = self._bridge.invoke(53, ())
        return result

    def get_forwarded_host(self) -> Awaitable[str]:
        """Return the host a trusted peer says the client asked for, else that of the request.

        Phases: all but certificate, preread.
        """
        result: Awaitable[str] = self._bridge.invoke(54, ())
        return result

    def get_forwarded_port(self) -> Awaitable[int]:
        """Return the port a trusted peer says the client is connected to, else this gateway's.

        Phases: all but certificate, preread.
        """
        result: Awaitable[int] = self._bridge.invoke(55, ())
        return result

    def get_forwarded_path(self) -> Awaitable[str]:
        """Return the path a trusted peer says the client asked for, else the normalised path.

        Phases: all but certificate, preread.
        """
        result: Awaitable[str] = self._bridge.invoke(56, ())
        return result

    def get_forwarded_prefix(self) -> Awaitable[str | None]:
        """Return the path prefix a trusted peer says was stripped, else the one the route strips, or None.

        Phases: all but certificate, preread.
        """
        result: Awaitable[str | None] = self._bridge.invoke(57, ())
        return result

    def get_raw_body(self, max_allowed_file_size: int | None = None) -> Awaitable[bytes]:
        """Return the request's body as bytes, empty if there is none.

        Phases: rewrite, access, response.
        """
        result: Awaitable[bytes] = self._bridge.invoke(58, (max_allowed_file_size,))
        return result

    def get_body(
        self,
        mimetype: str | None = None,
        max_args: int | None = None,
        max_allowed_file_size: int | None = None,
    ) -> Awaitable[Any]:
        """Return the request's body parsed as form, JSON or multipart, by `mimetype` or the Content-Type.

        Phases: rewrite, access, response.
        """
        result: Awaitable[Any] = self._bridge.invoke(59, (mimetype, max_args, max_allowed_file_size))
        return result


class AsyncResponse:
    """The response to the client."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def set_header(self, name: str | bytes, value: HeaderValue) -> Awaitable[None]:
        """Set a header of the response, replacing every value it had.

        Phases: rewrite, access, response, response_headers.
        """
        result: Awaitable[None] = self._bridge.invoke(60, (name, value))
        return result

    def add_header(self, name: str | bytes, value: HeaderValue) -> Awaitable[None]:
        """Add a header to the response, after those of the same name.

        Phases: rewrite, access, response, response_headers.
        """
        result: Awaitable[None] = self._bridge.invoke(61, (name, value))
        return result

    def clear_header(self, name: str | bytes) -> Awaitable[None]:
        """Remove every header of that name from the response.

        Phases: rewrite, access, response, response_headers.
        """
        result: Awaitable[None] = self._bridge.invoke(62, (name,))
        return result

    def set_headers(self, headers: Mapping[str, HeaderValue]) -> Awaitable[None]:
        """Set several headers of the response; each replaces those of its name, others stay.

        Phases: rewrite, access, response, response_headers.
        """
        result: Awaitable[None] = self._bridge.invoke(63, (headers,))
        return result

    def set_status(self, status: int) -> Awaitable[None]:
        """Set the status of the response.

        Phases: rewrite, access, response, response_headers.
        """
        result: Awaitable[None] = self._bridge.invoke(64, (status,))
        return result

    def get_status(self) -> Awaitable[int]:
        """Return the status that the client gets.

        Phases: response, log, response_headers, response_body.
        """
        result: Awaitable[int] = self._bridge.invoke(65, ())
        return result

    def get_header(self, name: str | bytes) -> Awaitable[str | None]:
        """Return the first value of a header of the response to the client, or None.

        Phases: response, log, response_headers, response_body.
        """
        result: Awaitable[str | None] = self._bridge.invoke(66, (name,))
        return result

    def get_headers(self, max_headers: int | None = None) -> Awaitable[dict[str, str | list[str]]]:
        """Return the headers of the response to the client by lower-case name; a repeated header has a list of
        values.

        Phases: response, log, response_headers, response_body.
        """
        result: Awaitable[dict[str, str | list[str]]] = self._bridge.invoke(67, (max_headers,))
        return result

    def get_source(self) -> Awaitable[str]:
        """Return where the response comes from: `service`, `exit` (a plugin answered) or `error`.

        Phases: response, log, response_headers, response_body.
        """
        result: Awaitable[str] = self._bridge.invoke(68, ())
        return result

    def exit(
        self,
        status: int,
        body: str | bytes | Mapping[str, Any] | Sequence[Any] | None = None,
        headers: Mapping[str, HeaderValue] | None = None,
    ) -> NoReturn:
        """End the handler and answer the client with this status, body (a map or list becomes JSON) and headers.

        Phases: rewrite, access, response, preread, response_headers.
        """
        self._bridge.invoke(69, (status, body, headers))
        raise RuntimeError("kong.response.exit returned")

    def error(
        self,
        status: int,
        message: str | bytes | Mapping[str, Any] | Sequence[Any] | None = None,
        headers: Mapping[str, HeaderValue] | None = None,
    ) -> NoReturn:
        """End the handler and answer the client with an error page, in a format the client accepts.

        Phases: rewrite, access, response, response_headers.
        """
        self._bridge.invoke(70, (status, message, headers))
        raise RuntimeError("kong.response.error returned")

    def get_raw_body(self) -> Awaitable[bytes]:
        """Return the whole body that the client is going to get, as bytes.

        Phases: response.
        """
        result: Awaitable[bytes] = self._bridge.invoke(71, ())
        return result

    def set_raw_body(self, body: bytes | str) -> Awaitable[None]:
        """Replace the body that the client gets; length, coding, entity tag and digests of the old one are dropped.

        Phases: response.
        """
        result: Awaitable[None] = self._bridge.invoke(72, (body,))
        return result


class AsyncRouter:
    """The route that matched."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get_route(self) -> Awaitable[dict[str, Any] | None]:
        """Return the route that matched, or None.

        Phases: all but certificate, rewrite, preread.
        """
        result: Awaitable[dict[str, Any] | None] = self._bridge.invoke(120, ())
        return result

    def get_service(self) -> Awaitable[dict[str, Any] | None]:
        """Return the service of the route, or None.

        Phases: all but certificate, rewrite, preread.
        """
        result: Awaitable[dict[str, Any] | None] = self._bridge.invoke(121, ())
        return result


class AsyncService:
    """Where and how the request is sent upstream."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    @property
    def request(self) -> AsyncServiceRequest:
        return AsyncServiceRequest(self._bridge)

    @property
    def response(self) -> AsyncServiceResponse:
        return AsyncServiceResponse(self._bridge)

    def set_upstream(self, host: str) -> Awaitable[bool]:
        """Send the request to the upstream entity of that name; fails if there is none.

        Phases: access.
        """
        result: Awaitable[bool] = self._bridge.invoke(80, (host,))
        return result

    def set_target(self, host: str, port: int) -> Awaitable[None]:
        """Send the request to this host and port, past the balancer; the Host header sent upstream becomes `host`.

        Phases: rewrite, access, preread.
        """
        result: Awaitable[None] = self._bridge.invoke(81, (host, port))
        return result

    def set_retries(self, retries: int) -> Awaitable[None]:
        """Set how often sending upstream is tried again.

        Phases: access.
        """
        result: Awaitable[None] = self._bridge.invoke(82, (retries,))
        return result

    def set_timeouts(self, connect_timeout: int, write_timeout: int, read_timeout: int) -> Awaitable[None]:
        """Set the time-outs towards upstream, in milliseconds.

        Phases: access.
        """
        result: Awaitable[None] = self._bridge.invoke(83, (connect_timeout, write_timeout, read_timeout))
        return result

    def set_tls_verify(self, on: bool) -> Awaitable[bool]:
        """Turn verification of the upstream's certificate on or off for this request.

        Phases: rewrite, access, preread.
        """
        result: Awaitable[bool] = self._bridge.invoke(84, (on,))
        return result

    def set_tls_verify_depth(self, depth: int) -> Awaitable[bool]:
        """Set how long the chain of the upstream's certificate may be.

        Phases: rewrite, access, preread.
        """
        result: Awaitable[bool] = self._bridge.invoke(85, (depth,))
        return result


class AsyncTelemetry:
    """Structured log entries for OpenTelemetry."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def log(
        self,
        plugin_name: str,
        plugin_config: Mapping[str, Any],
        message_type: str,
        message: object,
        attributes: Mapping[str, Any] | None = None,
    ) -> Awaitable[bool]:
        """Hand a structured entry to a telemetry plugin; fails if no such plugin is active.

        Phases: all but certificate.
        """
        result: Awaitable[bool] = self._bridge.invoke(
            190, (plugin_name, plugin_config, message_type, message, attributes)
        )
        return result


class AsyncTracing:
    """Spans."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def active_span(self) -> Awaitable[dict[str, Any] | None]:
        """Return the span that is active, or None.

        Phases: all but certificate, preread.
        Not there yet: tracing is not supported yet.
        """
        result: Awaitable[dict[str, Any] | None] = self._bridge.invoke(200, ())
        return result

    def set_active_span(self, span: Mapping[str, Any]) -> Awaitable[None]:
        """Make a span the active one.

        Phases: all but certificate, preread.
        Not there yet: tracing is not supported yet.
        """
        result: Awaitable[None] = self._bridge.invoke(201, (span,))
        return result

    def start_span(self, name: str, options: Mapping[str, Any] | None = None) -> Awaitable[dict[str, Any]]:
        """Start a span and return it.

        Phases: all but certificate, preread.
        Not there yet: tracing is not supported yet.
        """
        result: Awaitable[dict[str, Any]] = self._bridge.invoke(202, (name, options))
        return result

    def create_span(self, name: str, options: Mapping[str, Any] | None = None) -> Awaitable[dict[str, Any]]:
        """Make a span without starting it, and return it.

        Phases: all but certificate, preread.
        Not there yet: tracing is not supported yet.
        """
        result: Awaitable[dict[str, Any]] = self._bridge.invoke(203, (name, options))
        return result

    def set_should_sample(self, should_sample: bool) -> Awaitable[None]:
        """Say whether the spans of this request are kept.

        Phases: all but certificate, preread.
        Not there yet: tracing is not supported yet.
        """
        result: Awaitable[None] = self._bridge.invoke(204, (should_sample,))
        return result

    def get_sampling_decision(
        self,
        parent_should_sample: bool | None = None,
        sampling_rate: float | None = None,
    ) -> Awaitable[bool]:
        """Return whether the spans of this request are kept.

        Phases: all but certificate, preread.
        Not there yet: tracing is not supported yet.
        """
        result: Awaitable[bool] = self._bridge.invoke(205, (parent_should_sample, sampling_rate))
        return result


class AsyncVault:
    """Secrets."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def get(self, reference: str) -> Awaitable[str]:
        """Return the secret that a reference such as `{vault://env/token}` points to."""
        result: Awaitable[str] = self._bridge.invoke(150, (reference,))
        return result

    def is_reference(self, reference: str) -> Awaitable[bool]:
        """Return whether the text has the form of a vault reference."""
        result: Awaitable[bool] = self._bridge.invoke(151, (reference,))
        return result

    def parse_reference(self, reference: str) -> Awaitable[dict[str, Any]]:
        """Return the parts of a vault reference: `name`, `resource`, and if given `key`, `config`, `version`."""
        result: Awaitable[dict[str, Any]] = self._bridge.invoke(152, (reference,))
        return result

    def update(self, options: Mapping[str, Any]) -> Awaitable[dict[str, Any]]:
        """Return a copy of the options in which the fields named in `$refs` are resolved anew."""
        result: Awaitable[dict[str, Any]] = self._bridge.invoke(153, (options,))
        return result

    def flush(self) -> Awaitable[None]:
        """Forget the secrets that this node has cached."""
        result: Awaitable[None] = self._bridge.invoke(154, ())
        return result


class AsyncWebsocket:
    """WebSocket frames."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    @property
    def client(self) -> AsyncWebsocketClient:
        return AsyncWebsocketClient(self._bridge)

    @property
    def upstream(self) -> AsyncWebsocketUpstream:
        return AsyncWebsocketUpstream(self._bridge)


class AsyncKong:
    """The PDK of one step of an event, as an async handler sees it: what returns something is awaited."""

    __slots__ = ("_bridge",)

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    @property
    def client(self) -> AsyncClient:
        return AsyncClient(self._bridge)

    @property
    def cluster(self) -> AsyncCluster:
        return AsyncCluster(self._bridge)

    @property
    def ctx(self) -> AsyncCtx:
        return AsyncCtx(self._bridge)

    @property
    def enterprise_edition(self) -> AsyncEnterpriseEdition:
        return AsyncEnterpriseEdition(self._bridge)

    @property
    def exchange(self) -> AsyncExchange:
        return AsyncExchange(self._bridge)

    @property
    def ip(self) -> AsyncIp:
        return AsyncIp(self._bridge)

    @property
    def log(self) -> AsyncLog:
        return AsyncLog(self._bridge)

    @property
    def nginx(self) -> AsyncNginx:
        return AsyncNginx(self._bridge)

    @property
    def node(self) -> AsyncNode:
        return AsyncNode(self._bridge)

    @property
    def plugin(self) -> AsyncPlugin:
        return AsyncPlugin(self._bridge)

    @property
    def request(self) -> AsyncRequest:
        return AsyncRequest(self._bridge)

    @property
    def response(self) -> AsyncResponse:
        return AsyncResponse(self._bridge)

    @property
    def router(self) -> AsyncRouter:
        return AsyncRouter(self._bridge)

    @property
    def service(self) -> AsyncService:
        return AsyncService(self._bridge)

    @property
    def telemetry(self) -> AsyncTelemetry:
        return AsyncTelemetry(self._bridge)

    @property
    def tracing(self) -> AsyncTracing:
        return AsyncTracing(self._bridge)

    @property
    def vault(self) -> AsyncVault:
        return AsyncVault(self._bridge)

    @property
    def websocket(self) -> AsyncWebsocket:
        return AsyncWebsocket(self._bridge)
