"""The incident of 5 May 2026 in small, with the real commands: refused, repaired, approved, and guarded at the host."""
