"""Credit records, ratings and applications for repair for tests, made as the product makes them."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

from app.accounts.models import Person
from app.accounts.states import Role
from app.assessment.credit import services
from app.assessment.credit.models import CreditRating, CreditRecord, CreditRepair
from app.assessment.credit.queries import records as queries
from app.assessment.credit.services import Entry
from app.assessment.credit.services.repairs import Decision
from app.assessment.credit.states import Gravity, Polarity
from app.core import files
from app.core.db import session, unit_of_work
from app.core.files import StoredFile
from app.rulebook import services as rulebook
from app.settings import ROOT
from tests.factories.accounts import MADE_AT, NATION, SHANDONG, Member, make_member
from tests.factories.cases import make_clocks

NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
"""A Monday morning in Shanghai, under the order in force from 2026-04-01."""
PDF = b"%PDF-1.4 decision"
_numbers = count(1)


def make_packs() -> None:
    """Publish the shipped packs of rating, repair and clocks of the nation."""
    one, two = make_member(Role.REGULATOR, NATION), make_member(Role.REGULATOR, NATION)
    with unit_of_work():
        for name in ("rating-nation", "repair-2023", "repair-2026"):
            text = (ROOT / "content" / "rules" / f"credit-{name}-sample.toml").read_text("utf-8")
            pack = rulebook.load_draft(text, by=None, at=MADE_AT)
            rulebook.propose(pack, by=one.actor, at=MADE_AT)
            rulebook.publish(pack, by=two.actor, at=MADE_AT)
    make_clocks()


def make_officers(region: str = SHANDONG) -> tuple[Member, Member]:
    """Make two credit officers of a region."""
    return make_member(Role.CREDIT, region), make_member(Role.CREDIT, region)


def make_subject(region: str = SHANDONG) -> Member:
    """Make a technology manager."""
    return make_member(Role.TRAINEE, region)


def make_file(data: bytes = PDF) -> StoredFile:
    """Store a decision."""
    return files.store(data, name="决定书.pdf", media_type="application/pdf")


def entry(
    gravity: Gravity | None = Gravity.ORDINARY,
    *,
    on: date = date(2026, 5, 4),
    until: date | None = None,
    publish_anyway: bool = False,
) -> Entry:
    """Say what an officer enters; a positive record where no class is given."""
    return Entry(
        polarity=Polarity.NEGATIVE if gravity else Polarity.POSITIVE,
        gravity=gravity,
        conduct="提供虚假合同材料" if gravity else "获评年度优秀技术经理人",
        result="予以通报。",
        deciding_body="山东省科学技术厅",
        basis="鲁科信〔2026〕3号",
        effective_on=on,
        sanction_until=until,
        publish_anyway=publish_anyway,
    )


def entered(
    person: Person,
    by: Member,
    given: Entry | None = None,
    *,
    corrects: CreditRecord | None = None,
    rests_on: tuple[str, ...] = (),
    token: str = "",
    at: datetime = NOW,
) -> CreditRecord:
    """Let an officer enter a record."""
    with unit_of_work():
        old = queries.by_code(corrects.code) if corrects else None
        return services.enter(
            person,
            given or entry(),
            make_file(),
            token=token or f"token-{next(_numbers)}",
            corrects=old,
            rests_on=rests_on,
            by=by.actor,
            at=at,
        )


def confirmed(record: CreditRecord, by: Member, *, at: datetime = NOW) -> CreditRecord:
    """Let a second officer confirm a record."""
    with unit_of_work():
        services.confirm(again(record), by=by.actor, at=at)
    return again(record)


def make_record(
    person: Person,
    officers: tuple[Member, Member],
    given: Entry | None = None,
    *,
    rests_on: tuple[str, ...] = (),
    at: datetime = NOW,
) -> CreditRecord:
    """Make a record confirmed by two officers."""
    return confirmed(entered(person, officers[0], given, rests_on=rests_on, at=at), officers[1], at=at)


def again(record: CreditRecord) -> CreditRecord:
    """Read a record anew."""
    session.expire_all()
    return queries.by_code(record.code)


def rated(person: Person, by: Member, *, at: datetime = NOW) -> CreditRating:
    """Let an officer rate a person."""
    with unit_of_work():
        return services.rate_person(session.get_one(Person, person.id), by=by.actor, at=at)


def asked(record: CreditRecord, by: Member, *, at: datetime) -> CreditRepair:
    """Let the subject apply for repair."""
    with unit_of_work():
        return services.apply_for_repair(
            again(record), commitment="承诺遵守科研诚信要求。", proof=make_file(b"%PDF-1.4 proof"), by=by.actor, at=at
        )


def decided(
    repair: CreditRepair,
    by: Member,
    *,
    granted: bool = True,
    corrected: bool = True,
    at: datetime,
) -> None:
    """Let an officer decide on an application for repair."""
    with unit_of_work():
        found, record = queries.repair(repair.code, by.actor)
        services.decide_repair(found, record, Decision(granted, corrected, "经核实。"), by=by.actor, at=at)


def days(number: int, start: datetime = NOW) -> datetime:
    """Return an instant some calendar days later."""
    return start + timedelta(days=number)
