"""What must hold: the policy document and its expressions."""
