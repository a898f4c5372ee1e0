"""Authenticated denial of existence: NSEC and NSEC3 chains, checked from fixed-width entries of every name."""
