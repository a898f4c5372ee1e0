"""A registry in memory: every document and every piece of evidence of a request that must be approved.

A test changes one thing and runs the real gate against it (the idea is python-tuf's repository simulator).
Keys come from fixed seeds: they are test keys and worth nothing.
"""
