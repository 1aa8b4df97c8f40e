"""The queues, and the form in which jobs travel: JSON, ids only, nothing personal."""

from __future__ import annotations

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

SEND = "send"
POLL = "poll"
COUNT = "count"  # the low lane: figures that are counted beforehand
ALL = (SEND, POLL, COUNT)

#: Redis forgets a job that no worker took in this time; the database hands it out again.
_WAITS = 600
_RUNS = 180


def queue(redis: Redis, name: str) -> Queue:
    """The queue of that name."""
    return Queue(name, connection=redis, serializer=JSONSerializer)


def enqueue(redis: Redis, name: str, job: str, *ids: object) -> None:
    """Put a job of `worker.jobs` into a queue.

    No result and no retry is kept: what was not done is handed out again from its row.
    """
    queue(redis, name).enqueue(
        f"worker.jobs.{job}",
        *ids,
        job_timeout=_RUNS,
        ttl=_WAITS,
        result_ttl=0,
        failure_ttl=3600,
    )


def depth(redis: Redis, name: str) -> int:
    """How many jobs wait in a queue."""
    return int(queue(redis, name).count)
