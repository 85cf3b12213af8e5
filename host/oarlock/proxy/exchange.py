"""One request and its response on their way through the gateway: what routing, phases and the PDK act on.

An `Exchange` has a part that never changes (what came in) and a part that plugins change. Values of the changeable part
are never mutated, only replaced: a header list is a new list after each change. So `x.record()` is a complete copy of
that part for the price of a tuple, and `x.restore(record)` undoes everything that a failed plugin did.

Header lists are `list[tuple[bytes, bytes]]`: names in lower case, values as on the wire without white space around.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from oarlock.config.consumer import Consumer
    from oarlock.config.route import Route
    from oarlock.config.service import Service
    from oarlock.gateway import State
    from oarlock.pdk.bodies import ReceivedBody
    from oarlock.proxy.header_rules import Forwarding
    from oarlock.router.match import Match

Headers = list[tuple[bytes, bytes]]


class Connection:
    """What is known of a client connection, for all its requests."""

    __slots__ = ("forwarding", "is_trusted", "local_ip", "local_port", "peer_ip", "peer_port", "scheme", "tls")

    def __init__(
        self, peer_ip: str, peer_port: int, local_ip: str, local_port: int, scheme: str, is_trusted: bool
    ) -> None:
        self.peer_ip = peer_ip
        self.peer_port = peer_port
        self.local_ip = local_ip
        self.local_port = local_port
        self.scheme = scheme  # "http" or "https"
        self.is_trusted = is_trusted  # the peer is in `trusted_ips`
        self.forwarding: Forwarding | None = None  # what we say of it upstream; `HeaderRules.forwarding` makes it
        self.tls: Mapping[str, str] | None = None  # version, cipher, client_verify; None on plain text


class Answer:
    """A response that the gateway gives itself: an exit of a plugin, an error page, a redirect."""

    __slots__ = ("body", "headers", "source", "status")

    def __init__(self, status: int, headers: Headers, body: bytes, source: str) -> None:
        self.status = status
        self.headers = headers  # without framing headers
        self.body = body
        self.source = source  # "exit" or "error", as kong.response.get_source says


class Exchange:
    """One request, its response, and what was decided about them."""

    # Replaced, never mutated; what a failing plugin's changes are rolled back to.
    _CHANGEABLE: Final = (
        "method",
        "raw_query",
        "headers",
        "body",
        "upstream_scheme",
        "upstream_path",
        "upstream_host",
        "upstream_name",
        "target",
        "retries",
        "timeouts",
        "tls_verify",
        "tls_verify_depth",
        "buffering",
        "consumer",
        "credential",
        "authenticated",
        "response_status",
        "response_headers",
        "response_body",
        "shared",
        "plugin_ctx",
        "nginx_ctx",
        "log_edits",
    )

    __slots__ = (
        *_CHANGEABLE,
        "answer",
        "body_reader",
        "cache",
        "client_gone",
        "connection",
        "forwarded_ip",
        "forwarded_port",
        "http_version",
        "id",
        "match",
        "note_error",
        "on_abandon",
        "path",
        "phase_ms",
        "plan",
        "proxied",
        "raw_target",
        "received_body",
        "received_headers",
        "request_size",
        "response_size",
        "route",
        "sent_at",
        "sent_status",
        "service",
        "source",
        "started",
        "started_ms",
        "state",
        "tries",
        "upstream_body",
        "upstream_headers",
        "upstream_http_version",
        "upstream_started",
        "upstream_status",
        "upstream_uri",
        "first_byte_at",
    )

    def __init__(
        self,
        connection: Connection,
        request_id: str,
        method: bytes,
        raw_target: bytes,
        http_version: str,
        headers: Headers,
        started: float,
        started_ms: int,
    ) -> None:
        # what came in
        self.connection = connection
        self.id = request_id  # 32 lower-case hex digits
        self.raw_target = raw_target  # as received, in origin form after an absolute one was taken apart
        self.http_version = http_version  # "1.0" or "1.1"
        self.received_headers = headers  # never replaced
        self.started = started  # seconds, time.monotonic()
        self.started_ms = started_ms  # Unix time in ms
        self.forwarded_ip = connection.peer_ip  # after the real-ip rules
        self.forwarded_port: int | None = connection.peer_port
        self.path = b""  # normalised (router.path.normalise), without query; set before rewrite
        self.request_size = 0  # bytes received: head and body
        self.body_reader: BodyReader | None = None  # None: the request has no body
        self.received_body: ReceivedBody | None = None  # what plugins had read of it; survives their failing

        # the request as plugins read it and the upstream will get it
        self.method = method
        self.raw_query = raw_target.partition(b"?")[2]
        self.headers = headers
        self.body: bytes | None = None  # whole, once read or set by a plugin; None: it streams from body_reader
        self.upstream_scheme: str | None = None  # set_scheme
        self.upstream_path: bytes | None = None  # set_path, percent-encoded; None: as the route and service say
        self.upstream_host: bytes | None = None  # Host set by a plugin, used for all tries
        self.upstream_name: str | None = None  # set_upstream: name of an Upstream entity
        self.target: tuple[str, int] | None = None  # set_target
        self.retries: int | None = None
        self.timeouts: tuple[float, float, float] | None = None  # connect, write, read in seconds
        self.tls_verify: bool | None = None
        self.tls_verify_depth: int | None = None
        self.buffering = False  # enable_buffering

        # routing and identity
        self.state: State = None  # type: ignore[assignment]  # set by the walk: configuration, router, plans
        self.match: Match | None = None
        self.route: Route | None = None
        self.service: Service | None = None
        self.consumer: Consumer | Mapping[str, Any] | None = None
        self.credential: Mapping[str, Any] | None = None
        self.authenticated = False  # authenticate() was called in this exchange
        self.plan: Any = None  # phases.plan.Plan once routed

        # the response
        self.answer: Answer | None = None  # set: the gateway answers itself, nothing is proxied any more
        self.source = ""  # "service", "exit", "error" as get_source says; "" while undecided
        self.proxied = False  # reached the point of being sent upstream
        self.upstream_status = 0  # of the last try; 0: none
        self.upstream_headers: Headers = []  # as they came from the upstream
        self.upstream_body: bytes | None = None  # as it came, once a plugin has replaced `response_body`
        self.upstream_http_version = "1.1"
        self.response_status = 0  # what the client gets; a plugin may have set it before there is a response
        self.response_headers: Headers = []  # before the upstream answered: what plugins set; after: all of them
        self.response_body: bytes | None = None  # whole, when buffered

        # between plugins
        self.shared: dict[str, Any] = {}  # kong.ctx.shared
        self.plugin_ctx: dict[str, dict[str, Any]] = {}  # by plugin entity id
        self.nginx_ctx: dict[str, Any] = {}
        self.log_edits: tuple[tuple[str, Any, str], ...] = ()  # kong.log.set_serialize_value: key, value, mode

        # times (seconds, time.monotonic(); 0: did not happen) and sizes, for headers and the log record
        self.upstream_started = 0.0  # balancing ended, the request goes out
        self.first_byte_at = 0.0  # head of the upstream's response is in
        self.sent_at = 0.0  # last byte to the client
        self.sent_status = 0  # what the client was told; 499: it went away
        self.response_size = 0
        self.upstream_uri = b""
        self.tries: list[dict[str, Any]] = []
        self.phase_ms: dict[str, float] | None = None
        self.note_error = ""  # the reason of a failure, for the access log

        # cancellation: the client's end of the connection closed
        self.client_gone = False
        self.on_abandon: Callable[[], None] | None = None  # what to wake when the client goes away

        self.cache: dict[Any, Any] = {}  # encoded facts and parsed values, dropped when a change touches their source

    def record(self, _get: Callable[[Exchange], tuple[Any, ...]] = attrgetter(*_CHANGEABLE)) -> tuple[Any, ...]:
        """The changeable part as it is now."""
        return _get(self)

    def restore(self, record: tuple[Any, ...]) -> None:
        """Put back what `record` returned earlier."""
        for name, value in zip(self._CHANGEABLE, record, strict=True):
            setattr(self, name, value)
        self.cache.clear()

    def abandon(self) -> None:
        """The client is gone: end what this exchange waits for. Safe to call at any time, more than once."""
        self.client_gone = True
        hook, self.on_abandon = self.on_abandon, None
        if hook is not None:
            hook()


class BodyReader(ABC):
    """Where the body of a request comes from. The HTTP implementation lives in `proxy.bodies`."""

    __slots__ = ()

    length: int | None  # Content-Length; None: chunked

    @abstractmethod
    async def read_some(self) -> bytes:
        """Return the next piece of the body; b"" at its end.

        Raises:
            oarlock.errors.ClientError: malformed, too large, too slow: carries the status for the client.
        """
