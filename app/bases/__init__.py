"""Training bases: the register and their life cycle."""
