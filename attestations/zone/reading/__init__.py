"""Zones from files and servers: any source becomes one flat file."""
