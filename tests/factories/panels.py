"""Pools, committees and panels for tests, made as the product makes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count

from app.accounts.actors import actor_of
from app.accounts.models import Membership, Organisation
from app.accounts.states import OrganisationKind, Role
from app.core.access import Actor
from app.core.db import session, unit_of_work
from app.core.events import Subject
from app.panels.models.draws import Panel, PanelCase
from app.panels.models.pools import Committee, ExpertPool, PoolExpert
from app.panels.queries import draws as draw_queries
from app.panels.queries import pools as pool_queries
from app.panels.rules.draw import commitment
from app.panels.services import committees, draws, pools
from app.panels.services.draws import CaseGiven, KnownConflict, Plan
from app.panels.services.pools import Profile
from app.panels.states import Composition, Field, Title
from app.rulebook import services as rulebook
from app.settings import ROOT
from tests.factories.accounts import GUANGDONG, NATION, SHANDONG, Member, make_member, make_organisation, make_person
from tests.worlds import built_once

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
FIRST_DAY, LAST_DAY = date(2025, 3, 1), date(2028, 2, 29)
_numbers = count(1)


@dataclass(frozen=True)
class Office:
    """An authority with its pool: who organises, who decides, who watches."""

    organisation: Organisation
    pool: ExpertPool
    secretary: Member
    regulator: Member
    supervisor: Member
    supervisor2: Member


def publish_pack(name: str) -> str:
    """Publish a shipped rule pack; return its code."""
    text = (ROOT / "content" / "rules" / f"{name}.toml").read_text("utf-8")
    first, second = make_member(Role.REGULATOR, NATION), make_member(Role.REGULATOR, NATION)
    with unit_of_work():
        pack = rulebook.load_draft(text, by=first.actor, at=AT)
        rulebook.propose(pack, by=first.actor, at=AT)
        rulebook.publish(pack, by=second.actor, at=AT)
    return pack.code


@built_once
def make_office(region: str = SHANDONG) -> Office:
    """Make an authority with a pool under the sample rules."""
    organisation = make_organisation(
        kind=OrganisationKind.AUTHORITY, region=region, name_zh="测试主管部门", name_en="Test authority"
    )
    publish_pack("committee-rules-sample")
    publish_pack("rubric-inspection-sample")
    members = [
        make_member(role, region, organisation)
        for role in (Role.SECRETARY, Role.REGULATOR, Role.SUPERVISOR, Role.SUPERVISOR)
    ]
    with unit_of_work():
        pool = pools.open_pool(organisation, name_zh="测试专家库", name_en="Test pool", by=members[0].actor, at=AT)
    return Office(organisation, pool, *members)


def make_expert(office: Office, *, unit: str = "", region: str = SHANDONG, field: Field = Field.TRANSFER) -> PoolExpert:
    """Make an expert who was nominated, accepted and was admitted."""
    person = make_person()
    with unit_of_work():
        profile = Profile(field, Title.FULL_SENIOR, unit or f"第{next(_numbers)}研究院", region)
        expert = pools.nominate(office.pool, person, profile, by=office.secretary.actor, at=AT)
        pools.answer(expert, willing=True, by=actor_of(person, None), at=AT)
        pools.admit(expert, starts_on=FIRST_DAY, ends_on=LAST_DAY, by=office.regulator.actor, at=AT)
    return expert


@built_once
def make_experts(office: Office, number: int) -> list[PoolExpert]:
    """Make experts of different units, from two regions in turn."""
    return [make_expert(office, region=(SHANDONG, GUANGDONG)[place % 2]) for place in range(number)]


def acting(expert: PoolExpert, role: Role = Role.EXPERT) -> Member:
    """Return an expert as a member, under the role that the admission gave."""
    membership = next(
        row for row in session.query(Membership).filter_by(person_id=expert.person_id) if row.role == role
    )
    return Member(expert.person, membership, actor_of(expert.person, membership))


def make_panel(
    office: Office,
    *,
    seats: int = 3,
    subjects: Sequence[str] = ("case-1",),
    conflicts: Sequence[KnownConflict] = (),
    plan: Plan | None = None,
) -> Panel:
    """Plan a panel for subjects of the type `thing`."""
    cases = [CaseGiven(Subject("thing", code), f"事项{code}", f"Thing {code}") for code in subjects]
    with unit_of_work():
        return draws.plan_panel(
            office.pool,
            plan or Plan("测试评审组", "Test panel", seats),
            cases=cases,
            conflicts=conflicts,
            by=office.secretary.actor,
            at=AT,
        )


def secret_of(actor: Actor) -> str:
    """Return the secret that a person of the tests keeps."""
    return f"secret of {actor.person_code}"


def commit_all(panel: Panel, office: Office) -> None:
    """Let the office and both supervisors commit."""
    for member in (office.secretary, office.supervisor, office.supervisor2):
        text = commitment(panel.code, member.actor.person_code, secret_of(member.actor))
        with unit_of_work():
            draws.commit_share(fresh(panel), text, by=member.actor, at=AT)


def publish(panel: Panel, office: Office) -> None:
    """Publish the population of a panel to which all have committed."""
    commit_all(panel, office)
    with unit_of_work():
        draws.publish(fresh(panel), by=office.secretary.actor, at=AT)


def draw(panel: Panel, office: Office) -> Panel:
    """Bring a panel to its draw."""
    publish(panel, office)
    for member in (office.secretary, office.supervisor, office.supervisor2):
        with unit_of_work():
            draws.reveal(fresh(panel), secret_of(member.actor), by=member.actor, at=AT + timedelta(hours=1))
    return fresh(panel)


@built_once
def make_drawn(office: Office, *, seats: int = 3, subjects: Sequence[str] = ("case-1",)) -> Panel:
    """Make a drawn panel."""
    return draw(make_panel(office, seats=seats, subjects=subjects), office)


def fresh(panel: Panel) -> Panel:
    """Return a panel as it is stored now."""
    return session.get_one(Panel, panel.id, populate_existing=True)


def case_of(panel: Panel, place: int = 0) -> PanelCase:
    """Return a case of a panel."""
    return draw_queries.all_cases(panel.id)[place]


@built_once
def make_committee(office: Office, experts: Sequence[PoolExpert], *, level: Title = Title.INTERMEDIATE) -> Committee:
    """Make a committee whose first expert is its chair, not filed yet."""
    charter = committees.Charter("测试评审委员会", "Test committee", "工程系列", Composition.SPECIALTY, level)
    with unit_of_work():
        committee = committees.prepare(office.pool, charter, by=office.secretary.actor, at=AT)
        committees.set_members(committee, list(experts), chair=experts[0], by=office.secretary.actor, at=AT)
    return committee


def file_committee(committee: Committee, office: Office) -> Committee:
    """File a committee for the longest period."""
    with unit_of_work():
        committees.file(
            committee,
            filed_on=date(2026, 3, 2),
            filed_until=date(2029, 3, 1),
            by=office.regulator.actor,
            at=AT,
        )
    return pool_queries.committee(committee.code, office.secretary.actor)
