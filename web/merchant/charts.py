"""Charts drawn on the server: small SVGs whose words stand beside them as text.

What is drawn stretches to its place; labels are HTML, so that they stay readable at any width.
Colours come from the house's style alone, and no two lines differ by colour alone: one is
solid, one is dashed, a band is hatched. Whoever cannot see them is told by `told`, and by the
table that the page puts behind each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

_WIDE, _HIGH = 600, 160


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its name, how long it is (0 to 1), and the figure as it is written."""

    name: str
    part: float
    shown: str
    href: str = ""


def line(
    values: Sequence[float | None],
    told: str,
    *,
    band: Sequence[tuple[float, float] | None] = (),
    beside: Sequence[float] = (),
    most: float | None = None,
) -> Markup:
    """A line over time, from 0 to `most`; where a value is None it has a gap.

    `band` is between what each may lie, `beside` a second, dashed line.
    """
    highs = [high for each in band if each for high in each]
    top = most or max([each for each in values if each is not None] + highs + [*beside], default=0)
    top = top or 1.0
    drawn = Markup("")
    if band:
        edges = [(at, each) for at, each in enumerate(band) if each is not None]
        there = [_point(at, each[1], len(values), top) for at, each in edges]
        back = [_point(at, each[0], len(values), top) for at, each in reversed(edges)]
        drawn += _HATCH + _tag("polygon", "band", " ".join(there + back))
    if beside:
        dashed = [_point(at, each, len(values), top) for at, each in enumerate(beside)]
        drawn += _tag("polyline", "beside", " ".join(dashed))
    for stretch in _stretches(values):
        places = [_point(at, value, len(values), top) for at, value in stretch]
        if len(places) == 1:
            places = [places[0], places[0].replace(",", ".1,", 1)]
        drawn += _tag("polyline", "drawn", " ".join(places))
    return _svg("lines", told, _WIDE, _HIGH, drawn)


def interval(low: float, value: float, high: float, told: str) -> Markup:
    """A value with where it may lie, beside zero."""
    least, most = min(low, 0.0), max(high, 0.0)
    reach = (most - least) or 1.0

    def at(place: float) -> str:
        return f"{20 + 560 * (place - least) / reach:.1f}"

    drawn = Markup(
        '<line class="zero" x1="{0}" x2="{0}" y1="4" y2="56"/>'
        '<line class="reach" x1="{1}" x2="{2}" y1="30" y2="30"/>'
        '<line class="reach" x1="{1}" x2="{1}" y1="20" y2="40"/>'
        '<line class="reach" x1="{2}" x2="{2}" y1="20" y2="40"/>'
        '<line class="middle" x1="{3}" x2="{3}" y1="14" y2="46"/>'
    ).format(at(0.0), at(low), at(high), at(value))
    return _svg("interval", told, _WIDE, 60, drawn)


def bar(part: float) -> Markup:
    """One bar; its name and figure stand in the text beside it."""
    width = max(0.0, min(1.0, part)) * 100
    drawn = Markup('<rect class="whole" width="100" height="8"/>')
    drawn += Markup('<rect class="part" width="{}" height="8"/>').format(f"{width:.2f}")
    return Markup(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        "{}</svg>"
    ).format(drawn)


_HATCH = Markup(
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><line class="hatch" x1="0" x2="0" y1="0" y2="6"/></pattern>'
    "</defs>"
)


def _svg(kind: str, told: str, wide: int, high: int, drawn: Markup) -> Markup:
    return Markup(
        '<svg class="{}" role="img" aria-label="{}" viewBox="0 0 {} {}" '
        'preserveAspectRatio="none">{}</svg>'
    ).format(kind, told, wide, high, drawn)


def _tag(name: Literal["polyline", "polygon"], kind: str, points: str) -> Markup:
    return Markup(f'<{name} class="{{}}" points="{{}}"/>').format(kind, points)  # noqa: S704


def _point(at: int, value: float, many: int, top: float) -> str:
    x = _WIDE * (at / (many - 1) if many > 1 else 0.5)
    return f"{x:.1f},{_HIGH - 4 - (_HIGH - 8) * value / top:.1f}"


def _stretches(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    found: list[list[tuple[int, float]]] = [[]]
    for at, value in enumerate(values):
        if value is None:
            found.append([])
        else:
            found[-1].append((at, value))
    return [each for each in found if each]
