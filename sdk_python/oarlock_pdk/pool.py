"""A bounded pool of threads for plain handlers. Threads start when there is work that no idle one can take.

Smaller than `concurrent.futures`: no future and no work item per job, because a job reports its own end.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final

log: Final = logging.getLogger("oarlock_pdk.pool")


class ThreadPool:
    """Runs jobs in at most `size` threads, in the order they came. Daemons: a stuck handler can't hold up the exit."""

    def __init__(self, size: int, name: str) -> None:
        self._size = size
        self._name = name
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._threads = 0
        self._spare = 0  # idle threads less waiting jobs
        self._lock = threading.Lock()

    def submit(self, job: Callable[[], None]) -> None:
        """Run `job` soon; it must not raise."""
        with self._lock:
            self._spare -= 1
            start = self._spare < 0 and self._threads < self._size
            if start:
                self._threads += 1
                self._spare += 1
        self._jobs.put(job)
        if start:
            threading.Thread(target=self._work, name=f"{self._name}-{self._threads}", daemon=True).start()

    def close(self) -> None:
        """Let the idle threads end; busy ones end after their job."""
        for _ in range(self._threads):
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except BaseException:
                log.exception("a job of the thread pool raised")
            del job  # an idle thread holds nothing of the last event
            with self._lock:
                self._spare += 1
