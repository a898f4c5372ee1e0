"""Observe, say, sign: statements, envelopes and the tools that make evidence. It believes nobody."""
