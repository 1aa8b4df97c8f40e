"""One worker process, two lanes: sends in the main thread, polls beside them.

A shop that answers slowly thus never holds up a text. Both lanes are RQ's own
`SimpleWorker`: a job runs in this process, because a fork for each batch would lose
the open connections and signed tokens that make a batch quick. What isolates jobs is
that every one is a few short transactions, claimed by compare-and-set.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

from rq import SimpleWorker
from rq.serializers import JSONSerializer
from rq.timeouts import TimerDeathPenalty

from worker import queues
from worker.tools import Tools

log = logging.getLogger(__name__)


class _Lane(SimpleWorker):
    """A worker that keeps quiet about jobs, and may live beside the main thread."""

    def handle_exception(self, job: Any, *exc_info: Any) -> None:
        """Log the kind of error only: RQ would log the values, too."""
        log.error("job %s failed", job.func_name, exc_info=exc_info)


class _SideLane(_Lane):
    """A worker in a thread of its own: no signals, a timer instead of an alarm."""

    death_penalty_class = TimerDeathPenalty

    def _install_signal_handlers(self) -> None:
        pass


def work(tools: Tools) -> None:
    """Work on both lanes until the process is told to stop."""
    polls = _lane(_SideLane, tools, queues.POLL)
    beside = threading.Thread(target=_run, args=(polls,), daemon=True, name="polls")
    beside.start()
    sends = _lane(_Lane, tools, queues.SEND)
    _run(sends)
    polls._stop_requested = True


def _lane(kind: type[_Lane], tools: Tools, name: str) -> _Lane:
    lines = [queues.queue(tools.redis, name)]
    return kind(lines, connection=tools.redis, serializer=JSONSerializer)


def _run(lane: _Lane) -> None:
    lane.work(logging_level="WARNING", with_scheduler=False)
