"""kong.service: where and how the request is sent upstream."""

from __future__ import annotations

import re
from typing import Final

from oarlock.pdk.caller import Caller
from oarlock.pdk.registry import implements
from oarlock_pluginserver.errors import PdkError

_HOST: Final = re.compile(r"\[?[0-9A-Za-z._:\-]+\]?")  # a name or an address; nothing that could end a header line


@implements("kong.service.set_upstream")
def set_upstream(c: Caller, host: str) -> bool:
    if c.x.state.configuration.upstream_by_name(host) is None:
        raise PdkError("pdk", f"could not find an Upstream named '{host}'")
    c.x.upstream_name = host
    c.x.target = None
    return True


@implements("kong.service.set_target")
def set_target(c: Caller, host: str, port: int) -> None:
    if not _HOST.fullmatch(host):
        raise PdkError("bad_args", f"host must be a name or an address, not {host[:64]!r}")
    c.x.target = (host, port)
    c.x.upstream_name = None
    c.x.upstream_host = host.encode()


@implements("kong.service.set_retries")
def set_retries(c: Caller, retries: int) -> None:
    c.x.retries = retries


@implements("kong.service.set_timeouts")
def set_timeouts(c: Caller, connect_timeout: int, write_timeout: int, read_timeout: int) -> None:
    c.x.timeouts = (connect_timeout / 1000, write_timeout / 1000, read_timeout / 1000)


@implements("kong.service.set_tls_verify")
def set_tls_verify(c: Caller, on: bool) -> bool:
    c.x.tls_verify = on
    return True


@implements("kong.service.set_tls_verify_depth")
def set_tls_verify_depth(c: Caller, depth: int) -> bool:
    c.x.tls_verify_depth = depth
    return True
