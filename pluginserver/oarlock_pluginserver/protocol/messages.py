"""What host and plugin server say to each other, whatever the encoding: the messages of oarlock/1.

Each class is an array on the wire: its tag, then its fields in order. Fields are only ever appended, with a default; a
sender may cut trailing defaults. PROTOCOL.md says when each may be sent.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

U53 = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Byte = Annotated[int, Meta(ge=0, le=255)]
Id = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Change = Annotated[list[Any], Meta(min_length=1)]  # [function number, argument, …]
CodeAndText = Annotated[list[str], Meta(min_length=1)]  # [code] or [code, text]
Text = Any  # str, or bytes where the text is not UTF-8; msgspec cannot say so, `_check_text` does

NEXT, DONE, EXIT, ERROR_PAGE, FAILED = range(5)  # outcomes of Done
REPORT_READS, RERUN = 1, 2  # flags of Event
CHUNK_END, CHUNK_END_OF_MESSAGE, CHUNK_TEXT = 1, 2, 4  # flags of Chunk


class Hello(Struct, array_like=True, tag=1):
    """H→S, first on a connection."""

    magic: Literal["oarlock"]
    fields: dict[str, Any]


class Welcome(Struct, array_like=True, tag=2):
    """S→H, answers Hello."""

    fields: dict[str, Any]


class Ping(Struct, array_like=True, tag=4):
    """H→S."""

    nonce: U53


class Pong(Struct, array_like=True, tag=5):
    """S→H: how many events run there, and for how long the oldest has."""

    nonce: U53
    running: U53 = 0
    oldest_ms: U53 = 0


class Drain(Struct, array_like=True, tag=6):
    """Both: no new work on this connection; `code` other than "" means that the sender closes behind it."""

    code: str = ""
    text: str | None = None


class Start(Struct, array_like=True, tag=8):
    """H→S: make an instance. Fields: instance, plugin, key, config, name."""

    fields: dict[str, Any]


class Started(Struct, array_like=True, tag=9):
    """S→H: the instance runs, or [code, text]."""

    instance: U53
    error: CodeAndText | None = None


class Close(Struct, array_like=True, tag=10):
    """H→S: free the instance after its last event."""

    instance: U53


class Event(Struct, array_like=True, tag=16):
    """H→S: run instances in a phase. `steps` is [instance, budget in ms, …]; `facts` are segments [key, value, …]."""

    event: Id
    phase: Byte
    steps: Annotated[list[Id], Meta(min_length=2)]
    facts: list[list[Any]] = []
    level: Byte = 0
    flags: U53 = 0

    def __post_init__(self) -> None:
        if len(self.steps) % 2 or any(len(segment) % 2 for segment in self.facts):
            raise ValueError("steps and facts are pairs")


class Done(Struct, array_like=True, tag=17):
    """S→H: the current step of an event ended."""

    event: U53
    outcome: U53
    changes: list[Change] = []
    detail: list[Any] | None = None
    took_us: U53 = 0
    waited_us: U53 = 0
    reads: list[Any] | None = None


class Cancel(Struct, array_like=True, tag=18):
    """H→S: nobody waits for this event any more."""

    event: U53
    reason: str = ""


class Call(Struct, array_like=True, tag=20):
    """S→H: a PDK call, with the changes queued before it."""

    call: Id
    event: Id
    fn: U53
    args: list[Any] = []
    changes: list[Change] = []


class Reply(Struct, array_like=True, tag=21):
    """H→S: the result of a Call, or [code, text]."""

    call: U53
    result: Any = None
    error: CodeAndText | None = None


class Log(Struct, array_like=True, tag=24):
    """S→H: a line for the log; event 0: outside of events. `lost`: lines dropped before this one."""

    event: U53
    level: Byte
    text: Text
    fields: dict[str, Any] | None = None
    lost: U53 = 0
    instance: U53 | None = None

    def __post_init__(self) -> None:
        _check_text(self.text)


class Chunk(Struct, array_like=True, tag=28):
    """Both: a piece of a stream."""

    event: U53
    stream: U53
    data: bytes
    flags: U53 = 0
    trailers: Text = None

    def __post_init__(self) -> None:
        if self.trailers is not None:
            _check_text(self.trailers)


class Window(Struct, array_like=True, tag=29):
    """Both: the receiver of a stream takes so many bytes more."""

    event: U53
    stream: U53
    bytes: U53


class Blob:
    """Stands for a large value whose bytes came, or will have come, on a stream of the event."""

    __slots__ = ("stream",)

    def __init__(self, stream: int) -> None:
        self.stream = stream

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Blob) and other.stream == self.stream

    def __hash__(self) -> int:
        return hash(self.stream)

    def __repr__(self) -> str:
        return f"Blob({self.stream})"


FromServer = Welcome | Pong | Drain | Started | Done | Call | Log | Chunk | Window
FromHost = Hello | Ping | Drain | Start | Close | Event | Cancel | Reply | Chunk | Window
Message = FromServer | FromHost


def _check_text(value: object) -> None:
    if not isinstance(value, str | bytes):
        raise ValueError(f"expected text, got {type(value).__name__}")
