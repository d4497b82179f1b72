"""The three administrators apart, in the schema: nobody holds two of their roles on one day.

GB/T 22239-2019, 8.1.5.1 to 8.1.5.3: system, audit and security administration are separate.
"""

from app.accounts.states import APART

ROLES = ", ".join(f"'{role}'" for role in sorted(APART))
NOT_CALLED_OFF = "AND NOT other.called_off AND NOT NEW.called_off "
TWO_OF_THREE = (
    f"NEW.role IN ({ROLES}) AND EXISTS (SELECT 1 FROM membership AS other "  # noqa: S608 - words of our own
    f"WHERE other.person_id = NEW.person_id AND other.id <> NEW.id AND other.role IN ({ROLES}) "
    "AND other.role <> NEW.role " + NOT_CALLED_OFF + "AND (other.ends_on IS NULL OR other.ends_on >= NEW.starts_on) "
    "AND (NEW.ends_on IS NULL OR NEW.ends_on >= other.starts_on))"
)
REFUSAL = "nobody holds two of the three administrations"
MOMENTS = ("insert", "update")


def apart_ddl(dialect: str, *, calls_off: bool = True) -> list[str]:
    """Return the statements that keep the three administrators apart; the migrations run the same.

    A role that was called off counts for nothing; tables made before any could be are told so by `calls_off`.
    PostgreSQL holds the person's row meanwhile, so that two roles given at the same time see each other.
    """
    found = TWO_OF_THREE if calls_off else TWO_OF_THREE.replace(NOT_CALLED_OFF, "")
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER administrators_apart_{moment} AFTER {moment} ON membership WHEN {found} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            for moment in MOMENTS
        ]
    return [
        (
            f"CREATE OR REPLACE FUNCTION administrators_apart() RETURNS trigger AS $$ BEGIN IF NEW.role IN ({ROLES}) "
            "THEN PERFORM 1 FROM person WHERE id = NEW.person_id FOR UPDATE; END IF; "
            f"IF {found} THEN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'check_violation'; END IF; "
            "RETURN NEW; END $$ LANGUAGE plpgsql"
        ),
        *(
            f"CREATE TRIGGER administrators_apart_{moment} AFTER {moment} ON membership "
            "FOR EACH ROW EXECUTE FUNCTION administrators_apart()"
            for moment in MOMENTS
        ),
    ]
