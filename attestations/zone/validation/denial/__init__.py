"""Authenticated denial of existence: NSEC and NSEC3 chains, checked from fixed-width entries of every name.

The pass over the zone leaves `entries`, `gathering` puts those of all pieces together, `checking` judges them.
"""
