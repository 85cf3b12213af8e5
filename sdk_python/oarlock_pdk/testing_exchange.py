"""A request and its response as plain data, answering PDK functions in place of a gateway.

It covers what handlers read and change most; the rest is answered from `answers`, or refused with a hint. Real gateways
normalise and check more: this is for the logic of a plugin, not for HTTP.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, unquote_plus, urlencode

from oarlock_pdk.codec import text_of
from oarlock_pdk.errors import PdkError
from oarlock_pdk.facts import lower
from oarlock_pdk.pdk import BY_NAME, DEFAULT_FACTS, FUNCTIONS, HeaderValue

Headers = list[tuple[str, str]]  # lower-case names


@dataclass
class Request:
    """What the client sent."""

    method: str = "GET"
    path: str = "/"
    query: str = ""
    headers: Mapping[str, HeaderValue] = field(default_factory=dict)
    body: bytes = b""
    scheme: str = "http"
    host: str = "localhost"
    port: int = 8000
    client_ip: str = "127.0.0.1"
    client_port: int = 50000


@dataclass
class Response:
    """What came from upstream."""

    status: int = 200
    headers: Mapping[str, HeaderValue] = field(default_factory=dict)
    body: bytes = b""


class Exchange:
    """One request on its way. The same object carries it, and `kong.ctx`, from one phase to the next.

    `answers` maps names of PDK functions (`"kong.client.load_consumer"`) to a value, or to a function of their
    arguments that returns it or raises PdkError.
    """

    def __init__(
        self,
        request: Request | None = None,
        response: Response | None = None,
        answers: Mapping[str, Any] | None = None,
    ) -> None:
        self.request = request or Request()
        self.response = response or Response()
        self.answers = dict(answers or {})
        self.method = self.request.method
        self.path = self.request.path  # towards upstream; kong.request does not show a changed one
        self.query = self.request.query
        self.body = self.request.body
        self.request_headers: Headers = [("host", self.request.host), *_lines(self.request.headers)]
        self.response_status = self.response.status
        self.response_headers: Headers = _lines(self.response.headers)
        self.response_body = self.response.body
        self.shared: dict[str, Any] = {}
        self.plugin_ctx: dict[int, dict[str, Any]] = {}
        self.consumer: dict[str, Any] | None = None
        self.credential: dict[str, Any] | None = None

    def record(self) -> dict[str, Any]:
        """Return all that changes can change, for `restore`."""
        fixed = ("request", "response", "answers")
        return copy.deepcopy({name: value for name, value in vars(self).items() if name not in fixed})

    def restore(self, record: dict[str, Any]) -> None:
        """Undo every change since `record`."""
        vars(self).update(record)

    def facts(self, phase: int) -> list[Any]:
        """Return what a gateway sends along by default, as one segment of an EVENT."""
        segment: list[Any] = []
        for number in DEFAULT_FACTS.get(phase, ()):
            try:
                segment += (number, self.call(FUNCTIONS[number].name, [], 0))
            except PdkError:
                continue  # not known here: the handler will ask
        return segment

    def call(self, name: str, args: list[Any], instance: int) -> Any:
        """Return the result of a PDK function, as the wire has it. Raises PdkError."""
        if name in self.answers:
            answer = self.answers[name]
            return answer(*args) if callable(answer) else answer
        getter = _GETTERS.get(name)
        if getter is not None:
            return getter(self, *args)
        if name.startswith("kong.ctx.plugin."):
            return self.plugin_ctx.get(instance, {}).get(args[0])
        hint = f"the test kit has no answer to {name}{tuple(args)!r}; give one: answers={{{name!r}: …}}"
        raise PdkError("unsupported", hint)

    def apply(self, name: str, args: list[Any], instance: int) -> None:
        """Execute a change. Those that only the gateway itself sees are accepted and do nothing."""
        if name == "kong.ctx.plugin.set":
            _store(self.plugin_ctx.setdefault(instance, {}), *args)
        elif name in _CHANGES:
            _CHANGES[name](self, *args)
        elif name not in BY_NAME:
            raise PdkError("unsupported", name)


def parse_query(query: str) -> list[Any]:
    """Return a query's arguments as `[name, value, …]`; True is the value of a name without `=`."""
    flat: list[Any] = []
    for part in filter(None, query.split("&")):
        name, equals, value = part.partition("=")
        flat += (unquote_plus(name), unquote_plus(value) if equals else True)
    return flat


def _first(headers: Headers, name: str) -> str | None:
    name = lower(text_of(name))
    for wanted in (name, name.replace("_", "-")):
        for line, value in headers:
            if line == wanted:
                return value
    return None


def _block(headers: Headers, limit: int = 1000) -> str:
    return "\n".join(part for line in headers[:limit] for part in line)


def _lines(headers: Mapping[str, HeaderValue]) -> Headers:
    return [line for name, value in headers.items() for line in _written(name, value)]


def _written(name: str, value: Any) -> Headers:
    if isinstance(value, (list, tuple)):
        return [line for item in value for line in _written(name, item)]
    if isinstance(value, bool):
        value = "true" if value else "false"
    elif isinstance(value, float):
        value = f"{value:g}"
    return [(lower(name), str(text_of(value)))]


def _without(headers: Headers, name: str) -> Headers:
    return [line for line in headers if line[0] != lower(name)]


def _set_headers(headers: Headers, flat: list[Any]) -> Headers:
    for name, value in zip(flat[::2], flat[1::2], strict=True):
        headers = _without(headers, name) + _written(name, value)
    return headers


def _store(table: dict[str, Any], key: str, value: Any = None) -> None:
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value


def _encode_query(args: dict[str, Any]) -> str:
    pieces = []
    for name, value in args.items():
        for item in value if isinstance(value, list) else [value]:
            if item is True:
                pieces.append(quote(name, safe=""))
            elif item is not False:
                pieces.append(urlencode({name: item}, quote_via=quote))
    return "&".join(sorted(pieces))


def _body_of(x: Exchange, mimetype: str | None = None, *limits: Any) -> Any:
    kind = mimetype or _first(x.request_headers, "content-type") or ""
    if kind.lower().startswith("application/json"):
        try:
            return json.loads(x.body)
        except ValueError:
            raise PdkError("pdk", "invalid json body") from None
    if kind.lower().startswith("application/x-www-form-urlencoded"):
        flat = parse_query(x.body.decode())
        return dict(zip(flat[::2], flat[1::2], strict=True))
    raise PdkError("pdk", f"unsupported content type '{kind}'" if kind else "missing content type")


def _first_argument(x: Exchange, name: str) -> Any:
    flat = parse_query(x.query)
    return next((value for key, value in zip(flat[::2], flat[1::2], strict=True) if key == text_of(name)), None)


def _authenticate(x: Exchange, consumer: Any = None, credential: Any = None) -> None:
    x.consumer, x.credential = consumer, credential


_GETTERS: Final[dict[str, Callable[..., Any]]] = {
    "kong.exchange.get_id": lambda x: "0" * 32,
    "kong.exchange.get_consumer_id": lambda x: (x.consumer or {}).get("id"),
    "kong.exchange.get_credential_id": lambda x: (x.credential or {}).get("id"),
    "kong.client.get_ip": lambda x: x.request.client_ip,
    "kong.client.get_port": lambda x: x.request.client_port,
    "kong.client.get_forwarded_ip": lambda x: x.request.client_ip,
    "kong.client.get_forwarded_port": lambda x: x.request.client_port,
    "kong.client.get_consumer": lambda x: x.consumer,
    "kong.client.get_credential": lambda x: x.credential,
    "kong.request.get_method": lambda x: x.method,
    "kong.request.get_scheme": lambda x: x.request.scheme,
    "kong.request.get_host": lambda x: x.request.host.lower(),
    "kong.request.get_port": lambda x: x.request.port,
    "kong.request.get_path": lambda x: x.request.path,
    "kong.request.get_raw_path": lambda x: x.request.path,
    "kong.request.get_path_with_query": lambda x: x.request.path + (f"?{x.request.query}" if x.request.query else ""),
    "kong.request.get_raw_query": lambda x: x.query,
    "kong.request.get_query": lambda x, limit=100: parse_query(x.query)[: 2 * limit],
    "kong.request.get_query_arg": _first_argument,
    "kong.request.get_header": lambda x, name: _first(x.request_headers, name),
    "kong.request.get_headers": lambda x, limit=1000: _block(x.request_headers, limit),
    "kong.request.get_http_version": lambda x: 1.1,
    "kong.request.get_raw_body": lambda x, limit=None: x.body,
    "kong.request.get_body": _body_of,
    "kong.response.get_status": lambda x: x.response_status,
    "kong.response.get_header": lambda x, name: _first(x.response_headers, name),
    "kong.response.get_headers": lambda x, limit=1000: _block(x.response_headers, limit),
    "kong.response.get_source": lambda x: "service",
    "kong.response.get_raw_body": lambda x: x.response_body,
    "kong.service.response.get_status": lambda x: x.response.status,
    "kong.service.response.get_header": lambda x, name: _first(_lines(x.response.headers), name),
    "kong.service.response.get_headers": lambda x, limit=1000: _block(_lines(x.response.headers), limit),
    "kong.service.response.get_raw_body": lambda x: x.response.body,
    "kong.ctx.shared.get": lambda x, key: x.shared.get(key),
}


def _change(attribute: str, make: Callable[..., Any]) -> Callable[..., None]:
    """Return a change that replaces an attribute by what `make(old, *args)` returns."""
    return lambda x, *args: setattr(x, attribute, make(getattr(x, attribute), *args))


_CHANGES: Final[dict[str, Callable[..., None]]] = {
    "kong.client.authenticate": _authenticate,
    "kong.ctx.shared.set": lambda x, *args: _store(x.shared, *args),
    "kong.service.request.set_method": _change("method", lambda old, new: new),
    "kong.service.request.set_path": _change("path", lambda old, new: new),
    "kong.service.request.set_raw_query": _change("query", lambda old, new: new),
    "kong.service.request.set_query": _change("query", lambda old, args: _encode_query(args)),
    "kong.service.request.set_raw_body": _change("body", lambda old, new: new),
    "kong.service.request.set_header": _change("request_headers", lambda old, *pair: _set_headers(old, list(pair))),
    "kong.service.request.add_header": _change("request_headers", lambda old, *pair: old + _written(*pair)),
    "kong.service.request.clear_header": _change("request_headers", _without),
    "kong.service.request.set_headers": _change("request_headers", _set_headers),
    "kong.response.set_status": _change("response_status", lambda old, new: new),
    "kong.response.set_raw_body": _change("response_body", lambda old, new: new),
    "kong.response.set_header": _change("response_headers", lambda old, *pair: _set_headers(old, list(pair))),
    "kong.response.add_header": _change("response_headers", lambda old, *pair: old + _written(*pair)),
    "kong.response.clear_header": _change("response_headers", _without),
    "kong.response.set_headers": _change("response_headers", _set_headers),
}
