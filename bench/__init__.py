"""What is measured, and against what: one file a figure, its anchor in the same run.

`python -m bench` runs all of them, `python -m bench intake` one. See `bench/results.md`.
"""
