"""Verdicts kept with the records, computed again whenever a linked paper changes."""

from collections.abc import Iterable
from datetime import datetime

from app.accounts.states import Role
from app.core.db import session
from app.desk import services as desk
from app.evidence.models import Evidence
from app.evidence.queries.surroundings import affected_by, setting_of
from app.evidence.rules.checks import examine, standing
from app.evidence.services.subjects import checks_in_force, of_evidence
from app.evidence.states import State
from app.rulebook.verdicts import Outcome


def refresh(changed: Evidence, *, at: datetime, also: Iterable[Evidence] = ()) -> None:
    """Compute the verdicts of every live record that a change of one can alter.

    `also` are records that the change cut off, such as the contract of a paper that was unlinked. The content
    and the decision of a checked record stay as they are; where its papers no longer hold together, its
    checkers are asked to look again, for as long as they do not.
    """
    session.flush()
    for evidence in {one.id: one for one in (*affected_by(changed), *also)}.values():
        _refresh(evidence, at)


def _refresh(evidence: Evidence, at: datetime) -> None:
    params, pack = checks_in_force(evidence.region_code, at)
    verdict = examine(setting_of(evidence), params, pack=pack.code, tag=pack.tag)
    found = standing(verdict)
    evidence.verdict = verdict.to_json()
    evidence.standing = found.value
    session.flush()
    if evidence.state is not State.CHECKED:
        return
    if found is not Outcome.NOT_MET:
        desk.close_todos(of_evidence(evidence), at=at, kind="evidence.look_again")
    else:
        desk.open_todo(
            "evidence.look_again",
            of_evidence(evidence),
            url=f"/evidence/{evidence.code}",
            at=at,
            role=Role.CREDIT,
            region_code=evidence.region_code,
            params={"title": evidence.title},
        )
