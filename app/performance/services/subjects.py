"""How events and to-dos name cycles and appraisals."""

from app.core.events import Subject
from app.performance.models import AppraisalCycle, BaseAppraisal

TYPE, CYCLE_TYPE = "base_appraisal", "appraisal_cycle"


def of_cycle(cycle: AppraisalCycle) -> Subject:
    """Name a cycle."""
    return Subject(CYCLE_TYPE, cycle.code)


def of_appraisal(row: BaseAppraisal) -> Subject:
    """Name the appraisal of a base."""
    return Subject(TYPE, row.code)


def url_of(row: BaseAppraisal) -> str:
    """Return the page of an appraisal."""
    return f"/performance/bases/{row.code}"


def named(row: BaseAppraisal) -> dict[str, str]:
    """Return what fills the sentence of a to-do."""
    organisation = row.base.organisation
    return {"base_zh": organisation.name_zh, "base_en": organisation.name_en, "year": str(row.cycle.year)}
