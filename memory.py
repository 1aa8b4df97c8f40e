"""Memory of a process with many threads, kept small."""

from __future__ import annotations

import ctypes

_M_ARENA_MAX = -8  # malloc.h of glibc


def share_arenas(count: int = 2) -> None:
    """Let all threads share so many of the C library's heaps; call it before they begin.

    By default each of eight per core gets its own, and every one keeps what it once
    needed. Does nothing where the C library is another one (musl, macOS).
    """
    try:
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, count)
    except (AttributeError, OSError):
        return
