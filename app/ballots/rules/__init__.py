"""Pure rules of the secret ballot: the group, its proofs, votes, key shares, the tally and the verdict."""
