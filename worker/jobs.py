"""The jobs, called by name with ids only."""

from __future__ import annotations

import logging
from collections.abc import Callable

from recovery import alerts
from worker import counting, forwarding, history, offer_codes, polling, sending, sharing
from worker.tools import of_this_process

log = logging.getLogger(__name__)


def send_reminders(account_id: int, reminder_ids: list[int]) -> None:
    """Send a batch of one sender account's reminders."""
    _namelessly(lambda: sending.send_batch(of_this_process(), account_id, reminder_ids))


def poll_shop(shop_id: int) -> None:
    """Read from a shop what changed since the last poll."""
    _namelessly(lambda: polling.poll(of_this_process(), shop_id))


def make_codes(offer_ids: list[int]) -> None:
    """Make the codes of these offers of one shop."""
    _namelessly(lambda: offer_codes.make(of_this_process(), offer_ids))


def remove_codes(offer_ids: list[int]) -> None:
    """Take away the codes of these offers of one shop."""
    _namelessly(lambda: offer_codes.remove(of_this_process(), offer_ids))


def forward_reply(forward_id: int) -> None:
    """Send a shopper's reply on to the merchant."""
    _namelessly(lambda: forwarding.send(of_this_process(), forward_id))


def send_alert(alert_id: int) -> None:
    """Tell a merchant of trouble."""
    _namelessly(lambda: forwarding.send(of_this_process(), alert_id, alerts))


def share_out(programme_id: int) -> None:
    """Work out by which shares an adaptive programme draws its variants from now on."""
    _namelessly(lambda: sharing.share_out(of_this_process(), programme_id))


def count_figures(figures_id: int) -> None:
    """Count figures of a shop on, for a while."""
    _namelessly(lambda: counting.count(of_this_process(), figures_id))


def read_history(import_id: int) -> None:
    """Read on what a shop kept from before we came."""
    _namelessly(lambda: history.read(of_this_process(), import_id))


class JobFailed(Exception):
    """A job ended in an error; its kind alone, because RQ keeps the text of errors in Redis."""


def _namelessly(work: Callable[[], object]) -> None:
    try:
        work()
    except Exception as error:
        log.exception("job failed")
        failure = JobFailed(type(error).__name__)
    else:
        return
    raise failure
