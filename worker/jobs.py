"""The jobs, called by name with ids only."""

from __future__ import annotations

from worker import polling, sending
from worker.tools import of_this_process


def send_reminders(account_id: int, reminder_ids: list[int]) -> None:
    """Send a batch of one sender account's reminders."""
    sending.send_batch(of_this_process(), account_id, reminder_ids)


def poll_shop(shop_id: int) -> None:
    """Read from a shop what changed since the last poll."""
    polling.poll(of_this_process(), shop_id)
