"""Drills: faults put into a laboratory of real name servers, and what the world was served meanwhile."""
