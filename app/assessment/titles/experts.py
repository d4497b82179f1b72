"""Applications that an office may put before drawn experts, and who among the experts must not judge them."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.assessment.titles import conflicts, queries
from app.assessment.titles.access import Permission
from app.assessment.titles.models import TitleApplication, TitleRound
from app.assessment.titles.states import ApplicationState, RoundState
from app.cases.queries import relations
from app.core.access import Actor
from app.core.db import session
from app.panels.queries import pools
from app.panels.queries.declared import Known
from app.panels.services.draws import CaseGiven, Offered
from app.panels.states import Conflict

MOST = 200
BEFORE_THE_VOTE = (RoundState.OPEN, RoundState.REVIEW)


def offered(actor: Actor) -> list[Offered]:
    """Return the accepted applications of the actor's office before their vote, at most 200.

    One statement; who must not judge them is asked for once somebody wants to know, by the rules of each committee.
    """
    if not actor.may(Permission.ORGANISE):
        return []
    query = (
        queries.visible(actor)
        .where(TitleApplication.state == ApplicationState.ACCEPTED, TitleRound.state.in_(BEFORE_THE_VOTE))
        .options(joinedload(TitleApplication.round), joinedload(TitleApplication.person))
        .order_by(TitleApplication.id)
        .limit(MOST)
    )
    waiting = list(session.scalars(query))

    @cache
    def known() -> Mapping[str, Mapping[int, list[Known]]]:
        people: defaultdict[str, list[int]] = defaultdict(list)
        for one in waiting:
            people[one.round.committee.rule_code].append(one.person_id)
        return {rule: conflicts.against(some, pools.rules_of(rule).barred_kin()) for rule, some in people.items()}

    return [_offered(one, known) for one in waiting]


def declared_against(codes: Sequence[str]) -> dict[str, list[Known]]:
    """Return who declared a relation to the applicants of some applications."""
    query = select(TitleApplication.code, TitleApplication.person_id).where(TitleApplication.code.in_(codes))
    applicants = dict(session.execute(query).all())
    known: defaultdict[int, list[Known]] = defaultdict(list)
    for one in relations.to_people(list(applicants.values())):
        known[one.to].append((one.by, Conflict(one.kind.value), one.source))
    return {code: known[person] for code, person in applicants.items()}


def _offered(one: TitleApplication, known: Callable[[], Mapping[str, Mapping[int, list[Known]]]]) -> Offered:
    name, applicant, rule = one.person.name, one.person_id, one.round.committee.rule_code
    given = CaseGiven(queries.subject(one), f"{name} · {one.round.name_zh}", f"{name} · {one.round.name_en}")
    return Offered(given, lambda: [*known()[rule][applicant], (applicant, Conflict.UNIT, "title_application.person")])
