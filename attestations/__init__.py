"""Observe, say, sign: statements, envelopes and the tools that make evidence. It believes nobody."""

__version__ = "0.1.0"
"""of the whole project, gatekeeper too; said here, since asking for the metadata of a package takes 12 ms"""
