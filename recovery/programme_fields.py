"""What holds for a whole programme, and its variants, as fields of a form, and back."""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from recovery import condition_fields
from recovery.programme_form import End, Programme
from recovery.typed import Typed, written


def fields(form: Programme) -> dict[str, str]:
    """The fields that show for whom a programme is, who is held out, and what ends it."""
    ends = {f"end-{end.value}": "1" for end in form.ends}
    return ends | {
        "holdout": _percent(form.holdout),
        "border": written(form.border),
        "ends_after_days": str(form.ends_after_days),
        **condition_fields.fields(form.when),
    }


def read(typed: Typed, was: Programme, currency: str | None = None) -> Programme:
    """`was` with what was typed; all that cannot be read is in `typed.wrong`, and stays."""
    ends = tuple(end for end in End if typed.is_ticked(f"end-{end.value}"))
    return replace(
        was,
        holdout=_share(typed, was.holdout),
        border=typed.number("border", was.border),
        ends_after_days=typed.whole("ends_after_days", was.ends_after_days),
        ends=was.ends if set(ends) == set(was.ends) else ends,
        when=condition_fields.read(typed, was.when, currency),
    )


def variant_fields(form: Programme) -> dict[str, str]:
    """The fields that show names and shares of its variants."""
    shown = {"adaptive": "1"} if form.adaptive else {}
    for at, variant in enumerate(form.variants, 1):
        shown |= {f"name-{at}": variant.name, f"weight-{at}": str(variant.weight)}
    return shown


def read_variants(typed: Typed, was: Programme) -> Programme:
    """`was` with its variants called, and shared out, as typed."""
    variants = tuple(
        replace(
            variant,
            name=_name(typed, f"name-{at}", variant.name),
            weight=typed.whole(f"weight-{at}", variant.weight),
        )
        for at, variant in enumerate(was.variants, 1)
    )
    return replace(was, variants=variants, adaptive=typed.is_ticked("adaptive"))


def _percent(share: float) -> str:
    return written((Decimal(repr(share)) * 100).normalize())


def _share(typed: Typed, was: float) -> float:
    if typed.text("holdout") == _percent(was):
        return was  # also one with more digits than anybody types
    return float(typed.number("holdout", Decimal(0)) / 100)


def _name(typed: Typed, name: str, was: str) -> str:
    said = " ".join(typed.text(name).split())
    return was if said == " ".join(was.split()) else said
