"""People, organisations, the region tree, memberships and roles, sign-in, second factor."""
