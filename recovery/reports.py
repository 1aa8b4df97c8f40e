"""What a merchant is shown of a shop's carts and messages: counts of rows, never a bare share.

All but `added_by` are of the carts begun in a span of time, whenever what followed came: so
each figure is a part of the one it is compared with, and `behind` and `behind_stage` name the
rows of any. What of it was the messages' doing is no count: that is `added_by`, from those held
out. A renewal or a cancelled order is in no figure of orders; a refund is taken off the money.
"""

from __future__ import annotations

from recovery.compared import Comparison, Report, added_by
from recovery.counted import ALL, Behind, By, Figure
from recovery.fates import Messages, Money, behind, messages, money
from recovery.funnels import Funnel, behind_stage, funnel
from recovery.leaving import leaving

__all__ = [
    "ALL",
    "Behind",
    "By",
    "Comparison",
    "Figure",
    "Funnel",
    "Messages",
    "Money",
    "Report",
    "added_by",
    "behind",
    "behind_stage",
    "funnel",
    "leaving",
    "messages",
    "money",
]
