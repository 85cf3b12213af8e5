"""Plugin objects, one per configuration: made for all connections that ask for the same, ended when none is left."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgpack  # type: ignore[import-untyped]  # it ships no types

from oarlock_pdk.errors import ConfigError
from oarlock_pdk.pdk import PHASE_NAMES
from oarlock_pdk.plugin import Declaration, Mode
from oarlock_pdk.pool import ThreadPool

log: Final = logging.getLogger("oarlock_pdk.instance")

_RETRY_ON_LOOP: Final = 64  # events that a @nonblocking handler spends in threads after it had to ask for something


class Handler:
    """A handler bound to its plugin object, and where it runs."""

    __slots__ = ("_in_thread", "call", "mode")

    def __init__(self, call: Callable[[Any], Any], mode: Mode) -> None:
        self.call = call
        self.mode = mode
        self._in_thread = 0

    def runs_on_loop(self) -> bool:
        """Whether a @nonblocking handler is to be tried on the loop; after a failed try it is not, for a while."""
        if self.mode is not Mode.LOOP:
            return False
        if self._in_thread:
            self._in_thread -= 1
            return False
        return True

    def had_to_ask(self) -> None:
        self._in_thread = _RETRY_ON_LOOP


class Instance:
    """A plugin with one configuration."""

    def __init__(self, declaration: Declaration, plugin: Any) -> None:
        self.declaration = declaration
        self.plugin = plugin
        self.handlers: Mapping[int, Handler] = {
            number: Handler(getattr(plugin, PHASE_NAMES[number]), phase.mode)
            for number, phase in declaration.phases.items()
        }


class _Slot:
    def __init__(self, making: asyncio.Task[Instance]) -> None:
        self.making = making
        self.users = 0


class Instances:
    """The plugin objects of this process. Used on the event loop alone."""

    def __init__(self, declarations: Mapping[str, Declaration], pool: ThreadPool) -> None:
        self._declarations = declarations
        self._pool = pool
        self._slots: dict[tuple[object, ...], _Slot] = {}
        self._keys: dict[Instance, tuple[object, ...]] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._slots)

    async def acquire(self, identity: object, plugin: str, key: str, config: Mapping[str, Any]) -> Instance:
        """Return the object for a configuration, made now or by an earlier connection of the same peer.

        Raises:
            ConfigError: the configuration can't work, now or later.
            Exception: whatever the plugin's `__init__` or `start` raised.
        """
        declaration = self._declarations.get(plugin)
        if declaration is None:
            raise ConfigError(
                f"there is no plugin {plugin!r} here; there are {', '.join(self._declarations) or 'none'}"
            )
        place = (identity, plugin, key, msgpack.packb(_sorted(config)))
        slot = self._slots.get(place)
        if slot is None:
            slot = self._slots[place] = _Slot(asyncio.create_task(self._make(declaration, config)))
        slot.users += 1
        try:
            instance = await asyncio.shield(slot.making)
        except BaseException:
            slot.users -= 1
            slot.making.add_done_callback(lambda making: self._forget(place, slot))
            raise
        self._keys[instance] = place
        return instance

    def release(self, instance: Instance) -> None:
        """Give up what `acquire` returned; the last one ends the object."""
        place = self._keys[instance]
        slot = self._slots[place]
        slot.users -= 1
        if slot.users == 0:
            del self._slots[place], self._keys[instance]
            self._end_soon(instance)

    async def close(self) -> None:
        """Wait until the objects given up have ended."""
        if self._ending:
            await asyncio.wait(self._ending)

    def _forget(self, place: tuple[object, ...], slot: _Slot) -> None:
        """Drop what could not be made, or what nobody waits for any more."""
        failed = slot.making.cancelled() or slot.making.exception() is not None
        if self._slots.get(place) is slot and (failed or slot.users == 0):
            del self._slots[place]
            if not failed:
                self._end_soon(slot.making.result())

    def _end_soon(self, instance: Instance) -> None:
        task = asyncio.create_task(self._end(instance))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _make(self, declaration: Declaration, values: Mapping[str, Any]) -> Instance:
        config = declaration.configure(values)
        plugin = await in_thread(self._pool, lambda: declaration.cls(config))
        await self._hook(plugin, "start")
        return Instance(declaration, plugin)

    async def _end(self, instance: Instance) -> None:
        try:
            await self._hook(instance.plugin, "stop")
        except Exception:
            log.exception("plugin %s: stop raised", instance.declaration.name)

    async def _hook(self, plugin: Any, name: str) -> None:
        hook = getattr(plugin, name, None)
        if hook is None:
            return
        if inspect.iscoroutinefunction(hook):
            await hook()
        else:
            await in_thread(self._pool, hook)


async def in_thread(pool: ThreadPool, function: Callable[[], Any]) -> Any:
    """Run `function` in a thread of the pool and return what it returns or raise what it raises."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Any] = loop.create_future()

    def finish(value: Any, failure: Exception | None) -> None:
        if done.cancelled():
            return
        if failure is None:
            done.set_result(value)
        else:
            done.set_exception(failure)

    def run() -> None:
        value, failure = None, None
        try:
            value = function()
        except Exception as error:  # noqa: BLE001  carried over to the one who waits
            failure = error
        except BaseException as error:  # noqa: BLE001  SystemExit and kin end nothing but this call
            failure = RuntimeError(f"{type(error).__name__}: {error}")
        loop.call_soon_threadsafe(finish, value, failure)

    pool.submit(run)
    return await done


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
