"""HELLO and WELCOME: the first thing on each connection, and all of it for those who only ask what a server is."""

from __future__ import annotations

import trio

from oarlock_pluginserver._generated import pdk_table as table
from oarlock_pluginserver.errors import HandshakeFailed, ProtocolError
from oarlock_pluginserver.info import HostInfo, Welcome
from oarlock_pluginserver.protocol import messages as m
from oarlock_pluginserver.protocol import oarlock_v1 as codec
from oarlock_pluginserver.transport import unix
from oarlock_pluginserver.transport.stream import ByteStream, Connect


async def shake_hands(
    stream: ByteStream, address: str, host: HostInfo, role: str = "worker", timeout: float = table.HANDSHAKE_TIMEOUT
) -> tuple[Welcome, codec.Frames]:
    """Say who we are, and return who the server is, with what came behind. `timeout` is in seconds.

    Raises:
        HandshakeFailed: it refused, closed or did not answer in time.
        ProtocolError: what came is no WELCOME.
        OSError: the connection broke.
    """
    try:
        with trio.fail_after(timeout):
            await _send(stream, codec.encode(m.Hello("oarlock", host.hello(role))))
            frames = codec.Frames(min(host.max_frame, table.MAX_WELCOME))
            body = await _first_frame(stream, frames, address)
    except trio.TooSlowError:
        raise HandshakeFailed(address, "unavailable", f"no answer within {timeout:g} s") from None
    frames.max_frame = host.max_frame
    match codec.Decoder.from_server().decode(body):
        case m.Welcome(fields):
            return Welcome.from_fields(fields), frames
        case m.Drain(code, text):
            raise HandshakeFailed(address, code or "refused", text or "it takes no connections now")
        case message:
            raise ProtocolError(f"{type(message).__name__} before WELCOME", body)


async def inspect(address: str, host: HostInfo, timeout: float, *, connect: Connect = unix.connect) -> Welcome:
    """Ask the plugin server at `address` what it is, within `timeout` seconds.

    Raises:
        HandshakeFailed: it refused, closed or did not answer in time.
        ProtocolError: it does not speak our protocol.
        OSError: nobody listens there.
    """
    with trio.move_on_after(timeout):
        stream = await connect(address)
        try:
            welcome, _ = await shake_hands(stream, address, host, "inspect", timeout)
        finally:
            stream.close()
        return welcome
    raise HandshakeFailed(address, "unavailable", f"no answer within {timeout:g} s")


async def _send(stream: ByteStream, frame: bytes) -> None:
    rest = memoryview(frame)
    while rest:
        taken = stream.try_send(rest)
        rest = rest[taken:]
        if rest:
            await stream.wait_writable()


async def _first_frame(stream: ByteStream, frames: codec.Frames, address: str) -> bytes:
    while True:
        data = await stream.receive_some(65536)
        if not data:
            raise HandshakeFailed(address, "unavailable", "it closed the connection")
        frames.receive_data(data)
        body = frames.next_frame()
        if body is not None:
            return body
