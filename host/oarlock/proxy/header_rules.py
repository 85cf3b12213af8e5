"""What the settings say about headers, as bytes ready to send: made once per worker, and once per connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oarlock import __version__
from oarlock.proxy.exchange import Connection

if TYPE_CHECKING:
    from oarlock.config.settings import Settings

KONG_PRODUCT: Final = b"kong/3.9.3"  # with `kong_compat`
_TOKENS: Final = {
    "server_tokens": ("server", "via"),
    "latency_tokens": ("x-kong-proxy-latency", "x-kong-response-latency", "x-kong-upstream-latency"),
}


class Forwarding:
    """What we say of one client connection in each of its requests."""

    __slots__ = ("peer", "port", "proto", "real_ip")

    def __init__(self, connection: Connection, public_port: int) -> None:
        self.peer = connection.peer_ip.encode()
        self.real_ip = (b"x-real-ip", self.peer)  # while the client is the peer itself
        self.proto = (b"x-forwarded-proto", connection.scheme.encode())
        self.port = (b"x-forwarded-port", b"%d" % public_port)


class HeaderRules:
    """Which headers the gateway adds, and what they say."""

    __slots__ = (
        "_public_ports",
        "allows_debug",
        "product",
        "proxy_latency",
        "request_id",
        "request_id_upstream",
        "response_latency",
        "server",
        "upstream_latency",
        "upstream_status",
        "via",
        "via_values",
    )

    def __init__(self, settings: Settings) -> None:
        self.product = KONG_PRODUCT if settings.kong_compat else b"oarlock/" + __version__.encode()
        self.via_values = {version: version.encode() + b" " + self.product for version in ("1.0", "1.1", "2")}
        shown = {"off"} if "off" in settings.headers else {name.lower() for name in settings.headers}
        for token, names in _TOKENS.items():
            if token in shown:
                shown.update(names)
        self.server = "server" in shown
        self.via = "via" in shown
        self.proxy_latency = "x-kong-proxy-latency" in shown
        self.response_latency = "x-kong-response-latency" in shown
        self.upstream_latency = "x-kong-upstream-latency" in shown
        self.upstream_status = "x-kong-upstream-status" in shown
        self.request_id = "x-kong-request-id" in shown
        self.request_id_upstream = "X-Kong-Request-Id" in settings.headers_upstream
        self.allows_debug = settings.allow_debug_header
        self._public_ports = settings.port_maps

    def forwarding(self, connection: Connection) -> Forwarding:
        """Return the connection's own, made with its first request."""
        if connection.forwarding is None:
            port = connection.local_port
            connection.forwarding = Forwarding(connection, self._public_ports.get(port, port))
        return connection.forwarding
