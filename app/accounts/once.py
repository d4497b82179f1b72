"""One document, one person, in the schema: what is somebody's first document is nobody's further one."""

REFUSAL = "this document belongs to another person"
MOMENTS = {"insert": "INSERT", "update": "UPDATE OF identity_index"}
LOCK = 6_206_201
"""Under this number PostgreSQL lets one transaction at a time keep a further document, beside no first one."""
LOCKS = {"person": "pg_advisory_xact_lock_shared", "person_document": "pg_advisory_xact_lock"}
NEEDED = {"person": "NEW.identity_index IS NOT NULL", "person_document": "TRUE"}
TABLES = {
    "person": "NEW.identity_index IS NOT NULL AND EXISTS"
    " (SELECT 1 FROM person_document AS other WHERE other.identity_index = NEW.identity_index)",
    "person_document": "EXISTS (SELECT 1 FROM person AS other WHERE other.identity_index = NEW.identity_index)",
}


def once_ddl(dialect: str) -> list[str]:
    """Return the statements that keep a document with one person; the migration runs the same.

    On PostgreSQL who keeps a further document waits for those who keep a first one, and they for it: each sees the
    other's row.
    """
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_once_{moment} AFTER {when} ON {table} WHEN {taken} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            for table, taken in TABLES.items()
            for moment, when in MOMENTS.items()
        ]
    functions = [
        f"CREATE OR REPLACE FUNCTION {table}_once() RETURNS trigger AS $$ BEGIN "
        f"IF {NEEDED[table]} THEN PERFORM {LOCKS[table]}({LOCK}); END IF; IF {taken} "
        f"THEN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'unique_violation'; END IF; "
        "RETURN NEW; END $$ LANGUAGE plpgsql"
        for table, taken in TABLES.items()
    ]
    triggers = [
        f"CREATE TRIGGER {table}_once_{moment} AFTER {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_once()"
        for table in TABLES
        for moment, when in MOMENTS.items()
    ]
    return functions + triggers


def once_drop(dialect: str) -> list[str]:
    """Return the statements that take the guard away."""
    on = dialect == "postgresql"
    dropped = [
        f"DROP TRIGGER {table}_once_{moment}" + (f" ON {table}" if on else "") for table in TABLES for moment in MOMENTS
    ]
    return dropped + ([f"DROP FUNCTION {table}_once" for table in TABLES] if on else [])
