"""One worker process, two kinds of lanes: sends in the main thread, polls beside them.

A shop that answers slowly thus never holds up a text. There are several lanes for polls,
because a text also waits for its own shop's orders: a few shops that do not answer must
not keep those of all others unread. Every lane is RQ's own `SimpleWorker`: a job runs in
this process, because a fork for each batch would lose the open connections and signed
tokens that make a batch quick. What isolates jobs is that every one is a few short
transactions, claimed by compare-and-set.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from rq import SimpleWorker
from rq.serializers import JSONSerializer
from rq.timeouts import TimerDeathPenalty

from worker import queues, sending, watching
from worker.tools import Tools

log = logging.getLogger(__name__)

#: Shops that one process polls at a time. A poll mostly waits for its shop.
POLLS_AT_ONCE = 4


class _Lane(SimpleWorker):
    """A worker that keeps quiet about jobs, and may live beside the main thread."""

    def handle_exception(self, job: Any, *exc_info: Any) -> None:
        """Log the kind of error only: RQ would log the values, too."""
        log.error("job %s failed", job.func_name, exc_info=exc_info)


class _SendLane(_Lane):
    """The lane of the main thread, which hears the signals."""

    def request_stop(self, signum: Any, frame: Any) -> None:
        """End soon: a turn at an account would go on for a minute otherwise."""
        sending.end_turns()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


class _SideLane(_Lane):
    """A worker in a thread of its own: no signals, a timer instead of an alarm."""

    death_penalty_class = TimerDeathPenalty

    def _install_signal_handlers(self) -> None:
        pass


def work(tools: Tools) -> None:
    """Work on all lanes until the process is told to stop."""
    end_polls, end_counts = begin_polls(tools), begin_counts(tools)
    ended = watching.begin(tools)
    _run(_lane(_SendLane, tools, queues.SEND))
    ended.set()
    end_polls()
    end_counts()


def begin_polls(tools: Tools) -> Callable[[], None]:
    """Poll in threads of their own from now on; call what is given back to end that.

    A poll under way is not waited for: the threads end with the process at the latest,
    and what was read is stored.
    """
    lanes = [_lane(_SideLane, tools, queues.POLL) for _ in range(POLLS_AT_ONCE)]
    return _begin(lanes, "polls")


def begin_counts(tools: Tools) -> Callable[[], None]:
    """Count figures in a thread of its own; as `begin_polls`.

    One for a process: a count takes processor time, where a poll mostly waits.
    """
    return _begin([_lane(_SideLane, tools, queues.COUNT)], "counts")


def _begin(lanes: list[_Lane], name: str) -> Callable[[], None]:
    for number, lane in enumerate(lanes):
        threading.Thread(target=_run, args=(lane,), daemon=True, name=f"{name}-{number}").start()

    def end() -> None:
        for lane in lanes:
            lane._stop_requested = True

    return end


def _lane(kind: type[_Lane], tools: Tools, name: str) -> _Lane:
    lines = [queues.queue(tools.redis, name)]
    return kind(lines, connection=tools.redis, serializer=JSONSerializer)


def _run(lane: _Lane) -> None:
    lane.work(logging_level="WARNING", with_scheduler=False)
