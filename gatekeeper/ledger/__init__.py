"""The append-only record: an RFC 6962 tree, C2SP checkpoints and proofs, and the store that keeps them."""
