"""The HSM probe: asks every HSM of an environment to show, by a signed challenge, which keys it holds."""
