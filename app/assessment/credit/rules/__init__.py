"""Rules of credit: how long records are published and used, and how a score and a grade come about."""
