"""The incident of 5 May 2026 with real components: Knot signs in every HSM in turn, servers publish, resolvers ask."""
