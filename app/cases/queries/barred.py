"""Who may not decide a case, at this moment."""

from app.cases.models import Case
from app.cases.queries import cases, kinds


def took_part(case: Case) -> set[int]:
    """Return who may not decide a case: who was barred as it was raised, and who changed what it is about since."""
    return {*cases.barred(case), *kinds.deciders(case)}
