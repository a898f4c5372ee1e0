"""Real name servers, signers and resolvers as child processes on loopback, without root; none outlives us."""
