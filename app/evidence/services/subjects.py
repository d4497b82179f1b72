"""How records are named in events and to-dos, and which rules bind them."""

from datetime import datetime
from typing import cast

from app.core.clock import day_of
from app.core.events import Subject
from app.evidence.models import Evidence, EvidenceImport, SampleAudit
from app.evidence.rules.params import CheckParams
from app.rulebook import queries as rulebook
from app.rulebook.models import RulePack

EVIDENCE_TYPE = "evidence"


def of_evidence(evidence: Evidence) -> Subject:
    """Name a record in events and to-dos."""
    return Subject(EVIDENCE_TYPE, evidence.code)


def of_import(found: EvidenceImport) -> Subject:
    """Name an import in events."""
    return Subject("evidence_import", found.code)


def of_audit(audit: SampleAudit) -> Subject:
    """Name a sample audit in events and to-dos."""
    return Subject("sample_audit", audit.code)


def checks_in_force(region_code: str, at: datetime, *, as_known: bool = False) -> tuple[CheckParams, RulePack]:
    """Return the checks that bind a region at an instant, perhaps as they were known then; raises InvalidError."""
    known_at = at if as_known else None
    pack = rulebook.in_force("evidence_checks", region_code, day_of(at), known_at=known_at)
    return cast("CheckParams", rulebook.params(pack)), pack
