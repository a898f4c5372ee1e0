"""A practice signer, its HSMs and its rollover agent, correct or with the defect of 5 May 2026 (INC-01)."""
