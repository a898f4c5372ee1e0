"""External zone validation: every published signature must verify with a published key.

`source` reads a zone, `validation` checks it, `engines` let other code bases check the same bytes,
`calibration` proves that an engine tells good from bad, `observation` makes the statement.
"""
