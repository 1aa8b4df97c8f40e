"""The audit of our libraries fails on a hole, and says when it could not look."""

from __future__ import annotations

from tests.audit import told

CLEAN = {"name": "flask", "version": "3.1.3", "vulns": []}
HOLED = {
    "name": "cups",
    "version": "1.0",
    "vulns": [{"id": "PYSEC-0000-1", "fix_versions": ["1.1"]}],
}
UNKNOWN = {"name": "pots", "skip_reason": "not found"}


def test_a_hole_is_an_error_with_its_remedy() -> None:
    holes, words = told([CLEAN, HOLED, UNKNOWN])
    assert holes == 1
    assert "2 of 3 libraries audited, 1 holes" in words and "mended in 1.1" in words


def test_a_service_that_knows_nothing_is_told_aloud() -> None:
    holes, words = told([UNKNOWN, UNKNOWN])
    assert holes == 0
    assert "NOTHING AUDITED" in words
    assert "NOTHING AUDITED" not in told([CLEAN])[1]
