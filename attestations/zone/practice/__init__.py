"""The practice signer: small TLD-like zones, signed in memory. Not a production signer.

For calibration, tests, drills and the HSM laboratory. It shares no code with the validator that judges its zones.
"""
