"""Stops a zone from leaving its servers: the halt as a latch on disk, asserted again and again, seen from outside."""
