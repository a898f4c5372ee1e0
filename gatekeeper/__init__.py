"""Whom we believe, what we require, what we decided, and the record of it."""
