"""Cases, public notices and restrictions for tests: raised and handled as the product does."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count

from app.accounts.models import Organisation, Person
from app.accounts.states import Role
from app.bases.services import ACCREDITATION
from app.cases import services
from app.cases.models import Case, Publicity, Restriction
from app.cases.queries import cases as queries
from app.cases.services import Filing
from app.cases.services.publicity import Announcement, open_publicity
from app.cases.services.restrictions import Terms
from app.core.access import Actor
from app.core.db import session, unit_of_work
from app.core.events import Subject
from app.core.files import StoredFile
from app.rulebook.models import RulePack
from tests.factories.accounts import NATION, SHANDONG, Member, make_member, make_organisation
from tests.factories.exams import make_pack
from tests.factories.rulebook import make_published

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""A Monday morning in Shanghai."""
COMPLAINT, OBJECTION, LEAD = "cases.complaint", "cases.objection", "cases.lead"
CLOCK = """
[params]
deemed_after = 2
[[params.steps]]
kind = "cases.complaint"
instance = "first"
accept_in = {accept}
decide_in = {decide}
"""
_numbers = count(1)


def make_clocks() -> RulePack:
    """Publish the shipped clocks of the nation."""
    return make_pack("case_clock", "case-clock-nation-sample.toml")


def make_own_clocks(
    region: str = SHANDONG, *, accept: int = 1, decide: int = 1, starts_on: date = date(2025, 1, 1), code: str = ""
) -> RulePack:
    """Publish clocks of a region for complaints only."""
    params = CLOCK.format(accept=accept, decide=decide)
    return make_published(
        kind="case_clock",
        code=code or f"clock-{next(_numbers)}",
        region=region,
        params=params.replace("{", "").replace("}", ""),
        starts_on=starts_on,
    )


def days(number: int, start: datetime = NOW) -> datetime:
    """Return an instant some calendar days later."""
    return start + timedelta(days=number)


def make_officer(region: str = SHANDONG) -> Member:
    """Make an officer of a region's authority."""
    return make_member(Role.REGULATOR, region)


def make_body(**given: object) -> Organisation:
    """Make a training base to complain of."""
    return make_organisation(**given)  # type: ignore[arg-type]


def make_complaint(
    by: Actor,
    body: Organisation | None = None,
    *,
    facts: str = "班次临时取消，未退费。",
    files: Sequence[tuple[StoredFile, str]] = (),
    at: datetime = NOW,
    token: str = "",
) -> Case:
    """Complain of the service of a body."""
    about = body or make_body()
    filing = Filing(facts, files, token=token) if token else Filing(facts, files)
    with unit_of_work():
        return services.open_case(COMPLAINT, about.slug, filing, by=by, at=at)


def accepted(case: Case, officer: Member, *, at: datetime = NOW) -> Case:
    """Let an officer accept a case."""
    with unit_of_work():
        services.accept(again(case), by=officer.actor, at=at)
    return again(case)


def decided(case: Case, officer: Member, *, upheld: bool = True, at: datetime = NOW) -> Case:
    """Let an officer decide an accepted case."""
    with unit_of_work():
        services.decide(again(case), upheld=upheld, reasons="经查属实。", by=officer.actor, at=at)
    return again(case)


def appealed(case: Case, by: Actor, *, at: datetime = NOW) -> Case:
    """Let a party take a decision further."""
    with unit_of_work():
        return services.appeal(again(case), Filing("不服原决定，理由如下。"), by=by, at=at)


def again(case: Case) -> Case:
    """Read a case anew."""
    return queries.by_code(case.code)


def make_publicity(*, names: Sequence[str] = (), decider: Member | None = None, at: datetime = NOW) -> Publicity:
    """Open a publicity period of the kind that the shipped clocks know."""
    make_clocks()
    with unit_of_work():
        return open_publicity(
            ACCREDITATION,
            Subject("test_record", f"record-{next(_numbers)}"),
            Announcement("认定公示", "Publicity of an accreditation", "内容一。", "Body one.", "/bases", names),
            region_code=SHANDONG,
            authority_region=SHANDONG,
            decided_by_id=decider.person.id if decider else None,
            by=None,
            at=at,
        )


def make_objection(found: Publicity, by: Actor | None, *, kind: str = OBJECTION, at: datetime = NOW) -> Case:
    """Object to a public notice, or give a lead."""
    with unit_of_work():
        return services.open_case(kind, found.code, Filing("公示内容与事实不符。"), by=by, at=at)


def restrict(
    kind: str,
    whom: Person | Organisation,
    *,
    region: str = NATION,
    starts_on: date = date(2020, 1, 1),
    ends_on: date | None = None,
    at: datetime = NOW,
    by: Member | None = None,
) -> Restriction:
    """Restrict a person or a body by an external determination."""
    officer = by or make_officer(region)
    terms = Terms(starts_on, ends_on, "提供虚假材料。", determination="鲁科认〔2026〕3号")
    with unit_of_work():
        (made,) = services.impose([kind], whom, terms, region_code=region, by=officer.actor, at=at)
    return made


def lift(found: Restriction, *, on: date, at: datetime) -> None:
    """Let the region's authority lift a restriction."""
    officer = make_officer(found.region_code)
    with unit_of_work():
        row = session.get_one(Restriction, found.id)
        services.lift(row, reason="整改完成。", lifted_on=on, by=officer.actor, at=at)
