"""The launcher: the parent of every plugin server process, so that nothing of it outlives the gateway's master.

The master runs this file in a session of its own, with one end of a socket pair, the *lifeline*, whose other end only
the master holds. The master writes one line to it, what to run; the launcher starts that as its child, in its own
process group, and answers with the child's pid. From then on:

- signals sent to the launcher are passed on to the group;
- when the child has ended, what it left behind is ended too, and the launcher ends as the child did: with the same
  status, or of the same signal;
- when the lifeline ends - the master closed it, or is no more, whatever killed it - the group gets SIGTERM, and SIGKILL
  `LIFELINE_GRACE` later; at once, if SIGTERM was passed on before.

In each case the socket file is removed. On Linux the launcher adopts what its child's children leave behind (as a
"subreaper"), so that a process that has made a session of its own is ended as well. It needs no cooperation of the
server and holds after a change of user, because the launcher keeps its own.

Run by its path with `-I -S` (25 ms), not imported: standard library alone, and as little of it as possible.
One thread: the only place in this package where `os.fork` is right.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import socket
import sys
import time
from collections.abc import Iterator
from typing import Any, Final, NoReturn

LIFELINE_GRACE: Final = 2.0  # seconds between SIGTERM and SIGKILL when nobody is there to ask
LISTEN_FD: Final = 3

_PASSED_ON: Final = frozenset(
    {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGCONT}
)
_ENDING: Final = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGQUIT})
_KILL_AGAIN_AFTER: Final = 0.05  # seconds: for what was born while the others were killed
_KILL_ROUNDS: Final = 100
_PR_SET_CHILD_SUBREAPER: Final = 36  # linux/prctl.h
_NOT_FOUND, _NOT_RUNNABLE = 127, 126  # exit statuses, as shells have them


class Launcher:
    """One child and what descends from it, from its start to the end of the last of them."""

    def __init__(self, lifeline: socket.socket, signals: int, order: dict[str, Any]) -> None:
        """`signals` is where the numbers of the signals that arrived can be read."""
        self._lifeline = lifeline
        self._signals = signals
        self._order = order
        self._child = 0
        self._status: int | None = None  # of the child, as waitpid gives it
        self._is_ending = False  # SIGTERM or the like was passed on
        self._is_empty = False  # no descendant is left
        self.is_orphan = False  # the lifeline has ended
        self._kill_at: float | None = None  # on the monotonic clock
        self._kills = 0

    def run(self) -> int:
        """Run the child to its end and return its status, as waitpid gives it."""
        self._child = _start(self._order)
        with contextlib.suppress(OSError):
            self._lifeline.sendall(json.dumps({"pid": self._child}).encode() + b"\n")
        poll = select.poll()
        poll.register(self._signals, select.POLLIN)
        poll.register(self._lifeline, select.POLLIN)
        while not self._is_empty and self._kills < _KILL_ROUNDS:
            ready = {fd for fd, _ in poll.poll(self._timeout())}
            if self._signals in ready:
                self._receive_signals()
            if self._lifeline.fileno() in ready and _is_at_end(self._lifeline):
                poll.unregister(self._lifeline)
                self._lifeline_ended()
            if self._kill_at is not None and time.monotonic() >= self._kill_at:
                self._kill()
        if self._status is None:  # killed again and again, and it is still there: nothing more can be done
            return int(signal.SIGKILL)
        return self._status

    def _timeout(self) -> float | None:
        """Return the milliseconds until there is something to do unasked."""
        if self._kill_at is None:
            return None
        return max(0.0, self._kill_at - time.monotonic()) * 1000 + 1

    def _receive_signals(self) -> None:
        numbers = set(os.read(self._signals, 4096))
        for number in sorted(numbers & _PASSED_ON):
            self._pass_on(number)
        if signal.SIGCHLD in numbers:
            self._reap()

    def _pass_on(self, number: int) -> None:
        self._is_ending = self._is_ending or number in _ENDING
        handler = signal.signal(number, signal.SIG_IGN)  # the launcher is in the group: what it sends it would receive
        with contextlib.suppress(OSError):
            os.killpg(0, number)
        signal.signal(number, handler)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                self._is_empty = True
                return
            if pid == 0:
                return
            if pid == self._child:
                self._status = status
                self._end_the_rest()

    def _end_the_rest(self) -> None:
        """End what the child left behind. Asked to end, it has as long as the child had; else a moment."""
        grace = self._order["stop_grace"] if self._is_ending else LIFELINE_GRACE
        self._terminate_all()
        self._kill_by(grace)

    def _lifeline_ended(self) -> None:
        self.is_orphan = True
        if self._is_ending:
            self._kill_by(0.0)
        else:
            self._terminate_all()
            self._kill_by(LIFELINE_GRACE)

    def _terminate_all(self) -> None:
        """Ask the group to end unless that was done, and what has left the group, which has not heard of it."""
        if not self._is_ending:
            self._pass_on(signal.SIGTERM)
        for pid in _descendants(os.getpid()):
            with contextlib.suppress(OSError):
                if os.getpgid(pid) != os.getpid():
                    os.kill(pid, signal.SIGTERM)

    def _kill_by(self, grace: float) -> None:
        at = time.monotonic() + grace
        self._kill_at = at if self._kill_at is None else min(at, self._kill_at)

    def _kill(self) -> None:
        for pid in _descendants(os.getpid()) or [self._child]:
            with contextlib.suppress(OSError):  # gone meanwhile, or of a user that we may not kill
                os.kill(pid, signal.SIGKILL)
        self._kills += 1
        self._kill_at = time.monotonic() + _KILL_AGAIN_AFTER


def main() -> NoReturn:
    """`launch.py LIFELINE SOCKET`: the descriptor of the lifeline, and the socket file to remove in the end, or ''."""
    lifeline, path = socket.socket(fileno=int(sys.argv[1])), sys.argv[2]
    os.set_inheritable(lifeline.fileno(), False)
    signals = _catch_signals()
    adopts = _adopt_orphans()
    line = lifeline.makefile("rb").readline()
    if not line.endswith(b"\n"):  # the master ended, or gave up, before there was anything to run
        _remove(path)
        sys.exit()
    launcher = Launcher(lifeline, signals, json.loads(line))
    status = launcher.run()
    _remove(path)
    if launcher.is_orphan and not adopts:
        os.killpg(0, signal.SIGKILL)  # this process with it; a master that lives does the same
    _end_like(status)


def _start(order: dict[str, Any]) -> int:
    """Start the child and return its pid. What hinders it is written to stderr, and its exit status says so too."""
    caught = _PASSED_ON | {signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, caught)  # between fork and exec a handler of ours would run in the child
    pid = os.fork()
    if pid == 0:
        try:
            for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:  # nohup, or a shell, ignores some
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            _become(order)
        except FileNotFoundError as error:
            _give_up(order, error, _NOT_FOUND)
        except BaseException as error:  # noqa: BLE001  whatever it is, this is a second launcher until it ends
            _give_up(order, error, _NOT_RUNNABLE)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, caught)
    if order["listen"] is not None:
        os.close(order["listen"])  # so that the socket of a dead server refuses at once
    return pid


def _become(order: dict[str, Any]) -> NoReturn:
    """Turn this process into the server: descriptors 0 to 3 and no other, its user, its directory, its environment."""
    first_unused = LISTEN_FD
    if order["listen"] is not None:
        os.dup2(order["listen"], LISTEN_FD)
        os.set_inheritable(LISTEN_FD, True)  # dup2 of a descriptor to itself leaves it as it was
        first_unused += 1
    os.closerange(first_unused, os.sysconf("SC_OPEN_MAX"))
    _change_user(order["user"], order["group"])
    if order["directory"] is not None:
        os.chdir(order["directory"])
    command: list[str] = order["command"]
    os.execvpe(command[0], command, order["environment"])


def _change_user(user: str | None, group: str | None) -> None:
    """Become `user`, with the groups of that user or `group` alone. Raises LookupError or OSError."""
    if user is None:
        return
    import grp  # here, because few servers need them
    import pwd

    try:
        entry = pwd.getpwuid(int(user)) if user.isdigit() else pwd.getpwnam(user)
    except KeyError:
        raise LookupError(f"there is no user {user!r} on this machine") from None
    try:
        gid = entry.pw_gid if group is None else int(group) if group.isdigit() else grp.getgrnam(group).gr_gid
    except KeyError:
        raise LookupError(f"there is no group {group!r} on this machine") from None
    if os.geteuid() == entry.pw_uid and os.getegid() == gid:
        return
    if group is None:
        os.initgroups(entry.pw_name, gid)
    else:
        os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid)


def _give_up(order: dict[str, Any], error: BaseException, status: int) -> NoReturn:
    why: object = error
    if isinstance(error, OSError):
        is_directory = error.filename is not None and error.filename == order["directory"]
        why = f"{error.strerror}: {error.filename}" if is_directory else error.strerror
    text = f"oarlock: can't run {order['command'][0]!r}: {why}\n"
    os.write(2, text.encode(errors="backslashreplace"))
    os._exit(status)


def _catch_signals() -> int:
    """Return a descriptor on which the number of each signal that arrives can be read, one byte each."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    for number in _PASSED_ON | {signal.SIGCHLD}:
        signal.signal(number, lambda *_: None)
    return read


def _adopt_orphans() -> bool:
    """Become the parent of every descendant whose own parent ends. Returns whether that worked: only Linux has it."""
    if sys.platform == "linux":
        with contextlib.suppress(ImportError, OSError, AttributeError):  # a Python without ctypes
            import ctypes

            return bool(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
    return False


def _descendants(ancestor: int) -> list[int]:
    """Return the pids of all that descend from a process, where /proc tells."""
    children: dict[int, list[int]] = {}
    for pid, parent in _parents():
        children.setdefault(parent, []).append(pid)
    found: list[int] = []
    waiting = [ancestor]
    while waiting:
        born = children.get(waiting.pop(), [])
        found += born
        waiting += born
    return found


def _parents() -> Iterator[tuple[int, int]]:
    """Yield the pid of each process with that of its parent."""
    with contextlib.suppress(OSError):
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as stat:
                # pid (command) state ppid …; the command may hold anything, parentheses too: proc_pid_stat(5)
                yield int(name), int(stat.read().rpartition(b")")[2].split()[1])


def _remove(path: str) -> None:
    if path:
        with contextlib.suppress(OSError):
            os.unlink(path)


def _is_at_end(lifeline: socket.socket) -> bool:
    try:
        return not lifeline.recv(4096)
    except OSError:  # reset: the master ended with something unread
        return True


def _end_like(status: int) -> NoReturn:
    """End this process as the one did whose status this is."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the child's core says it all
        with contextlib.suppress(OSError):  # SIGKILL takes no handler, and needs none
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


if __name__ == "__main__":
    main()
