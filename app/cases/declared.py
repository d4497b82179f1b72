"""The kinds of case that the room declares itself: objection, lead, complaint, declaration of impartiality."""

from datetime import datetime

from sqlalchemy import select

from app.accounts import queries as accounts
from app.accounts.models import Membership, Organisation, Person
from app.accounts.queries import in_force
from app.accounts.states import NATION, WITHOUT_SECOND_FACTOR, OrganisationKind
from app.cases.access import higher
from app.cases.kinds import About, Authority, CaseKind
from app.cases.models import Case, Publicity
from app.cases.queries import notices
from app.cases.queries.relations import DECLARATION, IMPARTIALITY
from app.cases.services.subjects import of_publicity
from app.cases.states import Instance
from app.core import clock, events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.events import Subject
from app.core.text import _l

OBJECTION, LEAD, COMPLAINT = "cases.objection", "cases.lead", "cases.complaint"


def province_of(region_code: str) -> str:
    """Return the province of a region, the nation for itself: the authorities that hear first."""
    return NATION if region_code == NATION else f"{region_code[:2]}0000"


def _about_publicity(code: str) -> About:
    found = notices.publicity(code)
    deciders = {one for one in (found.decided_by_id, found.opened_by_id) if one is not None}
    return About(
        subject=of_publicity(found),
        name_zh=found.title_zh,
        name_en=found.title_en,
        url=f"/notices/{found.code}",
        region_code=found.region_code,
        authority=Authority(found.authority_region),
        deciders=frozenset(deciders),
        publicity_id=found.id,
    )


def _runs(about: About) -> bool:
    today = clock.today()
    found = session.get_one(Publicity, about.publicity_id)
    return found.revoked_at is None and found.starts_on <= today <= found.ends_on


def _may_object(actor: Actor | None, about: About) -> bool:
    return actor is not None and _runs(about)


def _may_tip(actor: Actor | None, about: About) -> bool:
    del actor
    return _runs(about)


def _objection_upheld(case: Case, by: Actor, at: datetime) -> None:
    """Tell the room whose decision was objected to."""
    found = session.get_one(Publicity, case.publicity_id)
    events.record(
        "cases.objection_upheld",
        of_publicity(found),
        by=by,
        at=at,
        data={"kind": found.kind, "subject_type": found.subject_type, "subject_code": found.subject_code},
    )


def _about_body(slug: str) -> About:
    found = accounts.organisation(slug)
    return About(
        subject=Subject("organisation", found.slug),
        name_zh=found.name_zh,
        name_en=found.name_en,
        url=f"/cases/complain?name={found.slug}",
        region_code=found.region_code,
        authority=Authority(_hears_complaints(found)),
        organisation_id=found.id,
    )


def _hears_complaints(body: Organisation) -> str:
    """Return the authority above a body: nobody hears complaints about themselves where another can."""
    if body.kind is OrganisationKind.AUTHORITY:
        return higher(body.region_code) or NATION
    return province_of(body.region_code)


def _may_complain(actor: Actor | None, about: About) -> bool:
    return actor is None or actor.organisation_id != about.organisation_id


def _about_declaration(code: str) -> About:
    person_code, _dash, year = code.rpartition("-")
    found = session.scalar(select(Person).where(Person.code == person_code))
    if found is None or not year.isdigit():
        raise NotFoundError(_l("There is no such declaration."))
    region = session.scalars(
        select(Membership.region_code)
        .where(
            Membership.person_id == found.id,
            Membership.role.not_in(WITHOUT_SECOND_FACTOR),
            in_force(clock.today()),
        )
        .order_by(Membership.id)
    ).first()
    if region is None:
        raise NotFoundError(_l("Only staff make a declaration of impartiality."))
    return About(
        subject=Subject(IMPARTIALITY, code),
        name_zh=f"{year}年度公正性声明",  # zh: the name of a record in both languages
        name_en=f"Declaration of impartiality, {year}",
        url="/cases",
        region_code=region,
        authority=Authority(province_of(region)),
    )


def _may_declare(actor: Actor | None, about: About) -> bool:
    return actor is not None and about.subject.code == f"{actor.person_code}-{clock.today().year}"


CASE_KINDS = (
    CaseKind(
        name=OBJECTION,
        letters="YY",
        label=_l("Objection to a public notice"),
        ladder=(Instance.FIRST, Instance.RECHECK, Instance.APPEAL),
        about=_about_publicity,
        may_raise=_may_object,
        who=_l("Anyone who is signed in may object while the publicity period runs."),
        hint=_l(
            "Your name is sealed. Only the officer who handles the objection can open it, "
            "for a reason that is recorded."
        ),
        on_upheld=_objection_upheld,
        sealed=True,
    ),
    CaseKind(
        name=LEAD,
        letters="XS",
        label=_l("Anonymous lead"),
        ladder=(Instance.FIRST,),
        about=_about_publicity,
        may_raise=_may_tip,
        who=_l("Anyone may give a lead while the publicity period runs."),
        hint=_l("Nobody is told who you are, and nobody can answer you. Say what can be checked."),
        on_upheld=_objection_upheld,
        anonymous=True,
    ),
    CaseKind(
        name=COMPLAINT,
        letters="TS",
        label=_l("Complaint about a service"),
        ladder=(Instance.FIRST, Instance.APPEAL),
        about=_about_body,
        may_raise=_may_complain,
        who=_l("Anyone may complain, with or without an account, unless they act for the body complained of."),
        hint=_l("Say what happened, when, and what would put it right. The body reads the decision."),
        visitors=True,
    ),
    CaseKind(
        name=DECLARATION,
        letters="SM",
        label=_l("Declaration of impartiality"),
        ladder=(Instance.FIRST,),
        about=_about_declaration,
        may_raise=_may_declare,
        who=_l("Staff declare for themselves, once a year."),
        hint=_l(
            "Name every interest that could bias you: people you trained, employ or are related to, and bodies "
            "you work for or hold shares in. You are drawn for no case of theirs, and taken from those you have."
        ),
        on_file=True,
    ),
)
