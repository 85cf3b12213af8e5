"""Write Oarlock plugins in Python.

    from oarlock_pdk import Kong, Plugin

    class Hello(Plugin):
        def access(self, kong: Kong) -> None:
            kong.service.request.set_header("x-hello", "world")

`plugin.py` says what a plugin may declare, `pdk.py` holds every PDK function, `testing.py` runs a handler without a
gateway.
"""

from oarlock_pdk.cli import serve
from oarlock_pdk.errors import ConfigError, Ended, Gone, OarlockError, PdkError, PluginError
from oarlock_pdk.pdk import AsyncKong, Kong
from oarlock_pdk.plugin import Plugin, nonblocking
from oarlock_pdk.schema import between, describe, gt, len_max, len_min, match, one_of, secret
from oarlock_pdk.version import VERSION as __version__

__all__ = [
    "AsyncKong",
    "ConfigError",
    "Ended",
    "Gone",
    "Kong",
    "OarlockError",
    "PdkError",
    "Plugin",
    "PluginError",
    "__version__",
    "between",
    "describe",
    "gt",
    "len_max",
    "len_min",
    "match",
    "nonblocking",
    "one_of",
    "secret",
    "serve",
]
