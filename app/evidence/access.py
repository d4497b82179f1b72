"""Who may enter, see, check and audit evidence."""

from enum import StrEnum

from sqlalchemy import ColumnElement, or_

from app.accounts.access import covers, within
from app.accounts.states import Role
from app.core.access import Actor
from app.evidence.models import Evidence
from app.evidence.states import State


class Permission(StrEnum):
    """The acts of the evidence room."""

    OWN = "evidence.own"
    ENTER = "evidence.enter"
    CHECK = "evidence.check"
    AUDIT = "evidence.audit"


GRANTS = {
    Role.TRAINEE: frozenset({Permission.OWN}),
    Role.LECTURER: frozenset({Permission.OWN}),
    Role.EXPERT: frozenset({Permission.OWN}),
    Role.EMPLOYER: frozenset({Permission.ENTER}),
    Role.BASE: frozenset({Permission.ENTER}),
    Role.CREDIT: frozenset({Permission.CHECK, Permission.AUDIT}),
    Role.REGULATOR: frozenset({Permission.CHECK, Permission.AUDIT}),
}


def sees(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that an actor sees a record: own, entered by their organisation, in their region.

    What an organisation entered for a person is the person's from the moment it is declared; drafts are
    seen only by whoever enters them.
    """
    declared = Evidence.state != State.DRAFT
    conditions: list[ColumnElement[bool]] = [
        (Evidence.person_id == actor.person_id) & (declared | (Evidence.entered_by_id == actor.person_id))
    ]
    if actor.may(Permission.ENTER) and actor.organisation_id is not None:
        conditions.append(Evidence.organisation_id == actor.organisation_id)
    if actor.may(Permission.CHECK):
        conditions.append(within(Evidence.region_code, actor) & declared)
    return or_(*conditions)


def owns(actor: Actor, evidence: Evidence) -> bool:
    """Tell whether the record is about the actor."""
    return actor.person_id == evidence.person_id


def enters(actor: Actor, evidence: Evidence) -> bool:
    """Tell whether the actor may change the draft and attach papers: whoever entered it, or their organisation."""
    if actor.person_id == evidence.entered_by_id:
        return True
    own_organisation = evidence.organisation_id is not None and evidence.organisation_id == actor.organisation_id
    return own_organisation and actor.may(Permission.ENTER)


def handles(actor: Actor, evidence: Evidence) -> bool:
    """Tell whether the actor may add papers, ask the counterparty and correct: the subject or who entered it."""
    return owns(actor, evidence) or enters(actor, evidence)


def may_check(actor: Actor, evidence: Evidence) -> bool:
    """Tell whether the actor checks the record: an authority of its region, neither its subject nor who entered it."""
    return (
        actor.may(Permission.CHECK)
        and covers(actor.region_code, evidence.region_code)
        and actor.person_id not in {evidence.person_id, evidence.entered_by_id}
    )
