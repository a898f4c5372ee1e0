"""The incident of 5 May 2026 with real components: refused at three points, repaired, approved."""
