"""Pure rules of the evidence room."""
