"""What the rules of a connection (`session`, `in_flight`, `calls`) need from their neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from oarlock_pluginserver.protocol import messages as m

if TYPE_CHECKING:
    from oarlock_pluginserver.calls import PendingCall
    from oarlock_pluginserver.event import Event
    from oarlock_pluginserver.instances import Instance
    from oarlock_pluginserver.session import Session


class Shell(Protocol):
    """The connection: bytes and tasks."""

    @property
    def position(self) -> int:
        """Number of the next byte that will be written."""
        ...

    def write(self, frame: bytes) -> None:
        """Send a frame. Never fails: a broken connection ends soon after."""
        ...

    def run_call(self, pending: PendingCall) -> None:
        """Await a result in a task of its own, then hand it to the session's `calls`."""
        ...

    def drained(self) -> None:
        """The session is draining and its last event has ended."""
        ...


class Owner(Protocol):
    """The plugin server that a connection is a part of: it says what becomes of an event."""

    name: str
    calls: int  # CALLs taken since the start
    handler_us: int  # microseconds that handlers ran since the start, as the server says

    def watch(self, event: Event) -> None:
        """Act when the event's deadline passes: `cancel` it, or if it is cancelled already, replace the member."""

    def unwatch(self, event: Event) -> None:
        """No more of that; the event's deadline is unchanged since `watch`. No effect on one that is not watched."""

    def not_started(self, event: Event, session: Session, code: str, text: str) -> None:
        """The event, NEW again, was not started here."""

    def cannot_send(self, event: Event, code: str, text: str) -> None:
        """The event, still NEW, can't be sent anywhere."""

    def was_lost(self, event: Event, session: Session) -> None:
        """The event, NEW again, was running when the connection ended; its current step is rolled back."""

    def event_ended(self, event: Event, session: Session) -> None:
        """The event gave its credit back."""

    def instance_settled(self, instance: Instance, session: Session) -> None:
        """A START was answered."""

    def draining(self, session: Session) -> None:
        """No more events here. May be called more than once."""

    def log_line(self, event: Event | None, message: m.Log, instance: Instance | None) -> None:
        """A LOG came, about an event that has not ended, or about an instance, or neither."""

    def stuck(self, session: Session, reason: str) -> None:
        """The member does not end what it was told to end: it should be replaced."""
