"""How events and to-dos name the records of this room."""

from app.cases.models import Case, Publicity, Restriction
from app.core.events import Subject


def of_case(case: Case) -> Subject:
    """Name a case."""
    return Subject("case", case.code)


def of_publicity(found: Publicity) -> Subject:
    """Name a publicity period."""
    return Subject("publicity", found.code)


def of_restriction(found: Restriction) -> Subject:
    """Name a restriction."""
    return Subject("restriction", found.code)


def named(case: Case) -> dict[str, str]:
    """Return both names of what a case is about, as sentences of to-dos take them."""
    return {"about_zh": case.about_zh, "about_en": case.about_en}
