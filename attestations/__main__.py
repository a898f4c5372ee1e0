"""`python -m attestations` is `attest`."""

from attestations.cli import main

main()
