"""Pure rules of search: what is indexed, how a query is read, how hits are ranked."""
