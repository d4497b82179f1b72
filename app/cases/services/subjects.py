"""How events and to-dos name the records of this room."""

from app.cases.models import CASE_TYPE, RESTRICTION_TYPE, Case, Publicity, Restriction
from app.core.events import Subject
from app.core.shredding import sealed


def of_case(case: Case) -> Subject:
    """Name a case."""
    return Subject(CASE_TYPE, case.code)


def of_publicity(found: Publicity) -> Subject:
    """Name a publicity period."""
    return Subject("publicity", found.code)


def of_restriction(found: Restriction) -> Subject:
    """Name a restriction."""
    return Subject(RESTRICTION_TYPE, found.code)


def written(case: Case, text: str) -> str:
    """Return a text of a case as it is kept: sealed under the key of the case."""
    return sealed(text, CASE_TYPE, case.code)


def named(case: Case) -> dict[str, str]:
    """Return both names of what a case is about with its number, as sentences of to-dos and notices take them."""
    return {"about_zh": f"{case.about_zh}（{case.number}）", "about_en": f"{case.about_en} ({case.number})"}
