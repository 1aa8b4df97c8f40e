"""Reminders claimed, sent and settled per second, against RQ's own worker on no-op jobs.

The real clock hands out what is due and the real worker process sends it: first to a
messenger that takes everything at once inside that process, then through the Vonage
connector to the stand-in over TLS. The account's limit is set too high to matter. The
time is the rows' own: from the first claim to the last settling.

The anchor is `rq.Worker` as it comes, one no-op job a message, in the same run; its time
is its jobs' own, from the first start to the last end.
"""

from __future__ import annotations

import statistics
import sys
from datetime import timedelta

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import func, select

from bench import provider, scene, seeds
from bench.house import KINDS, NAMES, House
from bench.report import Report, Row, spread, verdict
from recovery import accounts, tables

REMINDERS, JOBS, ROUNDS = 3_000, 150, 3
RATE = 20_000.0  # messages a second: more than anybody sends
AT_LEAST, AIM = 10, 20


def run(kinds: tuple[str, ...] = KINDS, reminders: int = REMINDERS) -> Report:
    """Measure on each kind of database."""
    report = Report("Reminders sent per second")
    for kind in kinds:
        with House(kind) as house:
            _measure(house, reminders, report)
    return report


def _measure(house: House, reminders: int, report: Report) -> None:
    vonage = provider.start(house)
    quick = provider.account(house, {}, RATE, "bench")
    wired = provider.account(house, vonage.credentials, RATE)
    scene.workers(house, 1)
    scene.clock(house)
    rates: dict[str, list[float]] = {"anchor": [], "quick": [], "wired": []}
    for place in range(ROUNDS):
        rates["anchor"].append(_anchor(house))
        for name, account in (("quick", quick), ("wired", wired)):
            many = reminders if name == "quick" else reminders // 4
            rates[name].append(_sent_per_second(house, account, place, many))
        print(house.kind, {name: round(each[-1]) for name, each in rates.items()}, flush=True)
    _tell(house, report, rates)


def _sent_per_second(house: House, account: accounts.AccountRow, place: int, many: int) -> float:
    """Seed `many` reminders that fall due together, and wait until they are settled."""
    now = scene.now()
    shop = scene.a_shop(house, account.id, account.id * 100 + place)
    made = seeds.pattern(house, shop, now)
    first, due = seeds.next_number(house), now - timedelta(seconds=1)
    house.database.run(lambda db: seeds.copy(db, made, first, many, due))
    scene.wait_until_done(house, 300)
    table = tables.reminders
    mine = (table.c.id >= first, table.c.id < first + many, table.c.state == "sent")
    with house.database.reading() as db:
        found = db.execute(
            select(func.min(table.c.claimed_at), func.max(table.c.settled_at), func.count()).where(
                *mine
            )
        ).one()
    if found[2] != many:
        raise RuntimeError(f"{found[2]} of {many} were sent\n{house.log()}")
    return many / float((found[1] - found[0]).total_seconds())


def _anchor(house: House) -> float:
    """No-op jobs a second by RQ's default worker."""
    redis = Redis.from_url(house.redis_url)
    line = Queue("anchor", connection=redis, serializer=JSONSerializer)
    jobs = [line.enqueue("bench.outside.nothing", place, result_ttl=600) for place in range(JOBS)]
    rq = "from rq.cli import main; main()"
    serializer = ("--serializer", "rq.serializers.JSONSerializer")
    options = ("worker", "--burst", "--quiet", "--url", house.redis_url, *serializer, "anchor")
    worker = house.start(sys.executable, "-c", rq, *options, log="anchor.log")
    try:
        worker.wait(300)
    finally:
        house.end(worker)
    for job in jobs:
        job.refresh()
    begun = min(job.started_at for job in jobs)
    ended = max(job.ended_at for job in jobs)
    redis.close()
    return JOBS / float((ended - begun).total_seconds())


def _tell(house: House, report: Report, rates: dict[str, list[float]]) -> None:
    anchor = statistics.median(rates["anchor"])
    for name, words in (
        ("quick", "to a stand-in with no latency"),
        ("wired", "through the Vonage connector over TLS"),
    ):
        times = [mine / base for mine, base in zip(rates[name], rates["anchor"], strict=True)]
        ratio = statistics.median(times)
        aimed = name == "quick"
        report.add(
            Row(
                f"reminders sent {words}, {NAMES[house.kind]}",
                f"RQ's own worker, {anchor:.0f} no-op jobs/s",
                f"{spread(times, '.1f', ' ×')}; {spread(rates[name], '.0f', '/s')}",
                f"{AT_LEAST} ×" if aimed else "–",
                f"{AIM} ×" if aimed else "–",
                verdict(ratio >= AT_LEAST, ratio >= AIM) if aimed else "for comparison",
            )
        )
