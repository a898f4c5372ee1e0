"""Attacks on the gate (one module for each family) and the case folders made from them.

`python -m attacks.write` (with `tests` on the path) writes tests/cases anew; a test compares.
"""
