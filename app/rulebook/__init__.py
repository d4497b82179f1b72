"""Rule packs: everything that differs by region and year, as data with a source."""
