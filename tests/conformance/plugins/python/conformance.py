"""The conformance plugin in Python: runs the script that a request carries, and writes down what every call gave.

The header `x-script` holds JSON: a map from the name of a handler (`access`, `second.access` …) to a list of steps,
`{"call": "request.get_header", "args": ["x-a"]}`, `{"raise": "text"}` or `{"sleep": seconds}`. What came of it goes to
the file `CONFORMANCE_RESULTS` as one line of JSON per handler, written when the handler ends, whatever ends it.
With `CONFORMANCE_ASYNC` the same steps run in `async` handlers.
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
import time
from collections.abc import Callable
from typing import Any

from oarlock_pdk import AsyncKong, Kong, PdkError, Plugin

RESULTS = os.environ["CONFORMANCE_RESULTS"]
SCRIPT = "x-script"


def method_of(kong: Any, function: str) -> Callable[..., Any]:
    """`request.get_header` is `kong.request.get_header`; `log` is `kong.log` itself."""
    return functools.reduce(getattr, function.split("."), kong)  # type: ignore[no-any-return]


def given(value: Any) -> Any:
    """An argument of a script as Python has it: `{"$bin": hex}` are bytes, `{"$times": [text, n]}` long text."""
    if isinstance(value, dict):
        if "$bin" in value:
            return bytes.fromhex(value["$bin"])
        if "$times" in value:
            piece, times = value["$times"]
            return piece * times
        return {name: given(member) for name, member in value.items()}
    return [given(member) for member in value] if isinstance(value, list) else value


def shown(value: Any) -> Any:
    """A result as JSON: bytes, and text that is not UTF-8, are `{"$bin": hex}`."""
    if isinstance(value, bytes):
        return {"$bin": value.hex()}
    if isinstance(value, str):
        raw = value.encode("utf-8", "surrogateescape")
        try:
            raw.decode()
        except UnicodeDecodeError:
            return {"$bin": raw.hex()}
    if isinstance(value, dict):
        return {name: shown(member) for name, member in value.items()}
    return [shown(member) for member in value] if isinstance(value, list) else value


class Record:
    """The results of one handler; written at the end of the block."""

    def __init__(self, handler: str, script: Any) -> None:
        self.case = script["case"]
        self.handler = handler
        self.steps = script.get(handler, [])
        self.results: list[Any] = []

    def __enter__(self) -> Record:
        return self

    def __exit__(self, *_: object) -> None:
        line = json.dumps({"case": self.case, "handler": self.handler, "results": self.results}) + "\n"
        descriptor = os.open(RESULTS, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)

    def result(self, value: Any) -> None:
        self.results.append({"result": shown(value)})

    def error(self, error: PdkError) -> None:
        self.results.append({"error": [error.code, error.text]})


def run(kong: Kong, handler: str) -> None:
    text = kong.request.get_header(SCRIPT)
    script = json.loads(text) if text else {}
    if handler not in script:
        return
    with Record(handler, script) as record:
        for step in record.steps:
            if "raise" in step:
                raise RuntimeError(step["raise"])
            if "sleep" in step:
                time.sleep(step["sleep"])
                continue
            try:
                record.result(method_of(kong, step["call"])(*map(given, step["args"])))
            except PdkError as error:
                record.error(error)


async def run_async(kong: AsyncKong, handler: str) -> None:
    text = await kong.request.get_header(SCRIPT)
    script = json.loads(text) if text else {}
    if handler not in script:
        return
    with Record(handler, script) as record:
        for step in record.steps:
            if "raise" in step:
                raise RuntimeError(step["raise"])
            if "sleep" in step:
                await asyncio.sleep(step["sleep"])
                continue
            try:
                outcome = method_of(kong, step["call"])(*map(given, step["args"]))
                record.result(await outcome if hasattr(outcome, "__await__") else outcome)
            except PdkError as error:
                record.error(error)


def handler(name: str) -> Callable[..., Any]:
    """Make the handler that runs the script's part `name`."""

    async def in_loop(self: Plugin, kong: AsyncKong) -> None:
        await run_async(kong, name)

    def in_thread(self: Plugin, kong: Kong) -> None:
        run(kong, name)

    return in_loop if os.environ.get("CONFORMANCE_ASYNC") else in_thread


class First(Plugin):
    """For a service: all phases of a routed request."""

    name = "conformance"
    version = "1.0.0"
    priority = 100
    access, response, log = handler("access"), handler("response"), handler("log")


class Second(Plugin):
    """Runs behind the first in every phase: sees what that one did."""

    name = "conformance-second"
    priority = 50
    access, response, log = handler("second.access"), handler("second.response"), handler("second.log")


class Early(Plugin):
    """For all requests: the phase before a route is known."""

    name = "conformance-rewrite"
    priority = 100
    rewrite = handler("rewrite")


class Streaming(Plugin):
    """Has no response handler, so the response is not buffered."""

    name = "conformance-streaming"
    priority = 100
    access, log = handler("access"), handler("log")
