"""The way of one request through the gateway: phases, routing, the upstream, the answer, the log.

The order is Kong's. Each step may set `x.answer`: then nothing is proxied any more, and that is what the client gets.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

from oarlock.errors import ClientError, UpstreamError
from oarlock.proxy import error_page, respond
from oarlock.proxy.bodies import ClientGone
from oarlock.proxy.exchange import Answer, Exchange, Headers
from oarlock.proxy.forward import forward
from oarlock.proxy.headers import OF_THE_BODY, real_ip
from oarlock.proxy.http1 import is_host
from oarlock.router.path import normalise, upstream_path

if TYPE_CHECKING:
    from oarlock.gateway import Gateway
    from oarlock.proxy.downstream import ClientStream

log = logging.getLogger("oarlock.proxy")

_UPGRADE_TO_TLS: Final = [(b"connection", b"Upgrade"), (b"upgrade", b"TLS/1.2, HTTP/1.1")]


async def handle(x: Exchange, client: ClientStream, gateway: Gateway) -> None:
    """Take `x` to its end: the client has its answer, or is gone, and the log has its record.

    What follows for the connection is in `client.keep_alive`.
    """
    state = x.state = gateway.state
    try:
        try:
            if x.connection.is_trusted:
                _take_real_ip(x, gateway)
            x.path = normalise(x.raw_target.partition(b"?")[0])
            if state.phases.has_rewrite:
                await state.phases.rewrite(x)
                if x.client_gone:
                    raise ClientGone
            if x.answer is None:
                _route(x, client)
            if x.answer is None and x.plan.has_access:
                await state.phases.access(x)
                if x.client_gone:
                    raise ClientGone
            if x.answer is None:
                await _proxy(x, client, gateway)
        except ClientGone:
            raise
        except ClientError as error:
            client.keep_alive = False  # what follows on the connection can't be told apart any more
            _fail(x, client, gateway, error)
        except UpstreamError as error:
            _fail(x, client, gateway, error)
        except Exception:
            log.exception("request %s failed in the gateway; this is a defect", x.id)
            _fail(x, client, gateway, UpstreamError(500, error_page.default_message(500)))
        if x.answer is not None and not client.head_sent:
            if x.client_gone:
                raise ClientGone
            await respond.send_answer(x, client, gateway)
        x.sent_status = x.response_status
    except ClientGone:
        client.keep_alive = False
        x.client_gone = True
        x.sent_status = 499
        x.note_error = x.note_error or "the client closed the connection"
    _record(x, client, gateway)


async def refuse(x: Exchange, client: ClientStream, gateway: Gateway, error: ClientError) -> None:
    """Answer what never became a request. No phase runs but the log's."""
    x.state = gateway.state
    client.keep_alive = False
    _fail(x, client, gateway, error)
    try:
        await respond.send_answer(x, client, gateway)
        x.sent_status = x.response_status
    except ClientGone:
        x.sent_status = 499
    _record(x, client, gateway)


def _route(x: Exchange, client: ClientStream) -> None:
    state = x.state
    scheme = x.connection.scheme if not x.connection.is_trusted else _forwarded_scheme(x)
    match = state.router.match(x.method, scheme, client.host, x.path, x.headers)
    if match is None:
        state.phases.route(x)
        return _refuse_by_rule(x, 404, "no Route matched with those values")
    route = match.route
    x.match = match
    x.route = route
    x.service = match.service
    state.phases.route(x)
    if scheme != "https" and "http" not in route.protocols:
        host = _public_host(x, client)
        if route.https_redirect_status_code == 426 or not host:
            _refuse_by_rule(x, 426, "Please use HTTPS protocol", _UPGRADE_TO_TLS)
        else:
            location = (b"location", b"https://" + host + x.raw_target)
            status = route.https_redirect_status_code
            x.answer = Answer(status, [*_kept_headers(x, {b"location"}), location], b"", "exit")
    return None


def _take_real_ip(x: Exchange, gateway: Gateway) -> None:
    settings = gateway.settings
    x.forwarded_ip, x.forwarded_port = real_ip(
        x.connection,
        x.received_headers,
        settings.real_ip_header.lower().encode(),
        gateway.trusted,
        settings.real_ip_recursive,
    )


def _forwarded_scheme(x: Exchange) -> str:
    """The scheme that a trusted peer says the client used; whatever is not https counts as http."""
    for name, value in x.received_headers:
        if name == b"x-forwarded-proto":
            return "https" if value.lower() == b"https" else "http"
    return x.connection.scheme


async def _proxy(x: Exchange, client: ClientStream, gateway: Gateway) -> None:
    if x.service is None and x.target is None and x.upstream_name is None:
        return _refuse_by_rule(x, 503, "no Service found with those values")
    path = x.upstream_path
    if path is None:
        path = b"*" if x.raw_target == b"*" else upstream_path(x.match, x.path) if x.match is not None else x.path
    if x.raw_query:
        path = b"%b?%b" % (path, x.raw_query)
    elif x.raw_target[-1:] == b"?":
        path += b"?"  # a lone question mark is kept
    x.upstream_uri = path
    await forward(x, client, gateway)
    return None


def _refuse_by_rule(x: Exchange, status: int, message: str, headers: Headers | None = None) -> None:
    """Set an error page of the gateway's logic as answer. Headers that plugins have set stay."""
    content_type, body = error_page.render(status, message, x)
    own: Headers = [(b"content-type", content_type), *(headers or ())]
    if content_type is error_page.GRPC:
        own += error_page.grpc_headers(status, message)
        status = 200
    x.answer = Answer(status, [*_kept_headers(x, {name for name, _ in own}), *own], body, "error")


def _kept_headers(x: Exchange, own: set[bytes]) -> Headers:
    """What plugins have set for the response and still holds: not for another body, nor where the gateway says more."""
    return [field for field in x.response_headers if field[0] not in own and field[0] not in OF_THE_BODY]


def _fail(x: Exchange, client: ClientStream, gateway: Gateway, error: ClientError | UpstreamError) -> None:
    """The proxy layer can't go on with `x`: tell the client if it is not too late. Headers of plugins stay."""
    x.note_error = x.note_error or error.message
    if client.head_sent:
        client.keep_alive = False  # the response is cut off: only the end of the connection can say so
        return
    content_type, body = error_page.render(
        error.status, error.message, x, proxy_layer=True, default_type=gateway.settings.error_default_type
    )
    headers: Headers = [(b"content-type", content_type)]
    status = error.status
    if content_type is error_page.GRPC:
        headers += error_page.grpc_headers(status, error.message)
        status = 200
    x.answer = Answer(status, [*_kept_headers(x, {name for name, _ in headers}), *headers], body, "error")


def _public_host(x: Exchange, client: ClientStream) -> bytes:
    """The host that the client asked, without port; a trusted peer may know better. Empty when nobody said."""
    host = client.host
    if x.connection.is_trusted:
        for name, value in x.received_headers:
            if name == b"x-forwarded-host" and is_host(value):
                host = value.lower()
    if host.startswith(b"["):
        return host[: host.find(b"]") + 1]
    return host.partition(b":")[0]


def _record(x: Exchange, client: ClientStream, gateway: Gateway) -> None:
    """The exchange is over: note it. Nobody waits for what happens here."""
    x.sent_at = time.monotonic()
    x.response_size = client.sent
    if client.body is not None:
        x.request_size += client.body.received
    phases = x.state.phases
    if x.plan is None:
        phases.route(x)
    if x.plan.has_log:
        phases.log(x)
    gateway.access_log.append(x)
