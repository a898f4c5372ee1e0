"""Runbooks: short numbered steps for people who are woken, made from the commands that drills and tests ran."""
