"""What holders and employers do with certificates in the demo: a link that was looked at, a list that was checked."""

from datetime import datetime, timedelta

from sqlalchemy import select

from app.accounts.actors import actor_of
from app.accounts.models import Person
from app.cli.demo.exams import SUMMER
from app.cli.demo.moved import moved_to
from app.cli.demo.step import Demo, acting_as
from app.core import clock, jobs
from app.core.db import session, unit_of_work
from app.credentials import queries
from app.credentials import services as credentials
from app.credentials.models import Certificate, CertificateCheck
from app.credentials.queries import steps
from app.credentials.queries.records import Holder
from app.credentials.rules.lists import ListRow
from app.credentials.services import checks, sharing
from app.credentials.services.sharing import Chosen
from app.credentials.states import CertificateKind, CertificateState, CheckPurpose, SharedField

CHECKED = SUMMER + timedelta(days=20)
FIRST = "holders-demo-link-number-1"
SECOND = "holders-demo-link-number-2"
THIRD = "holders-demo-link-number-3"
LIST = "holders-demo-list-number-1"
# zh: labels and words as people write them
OPEN, ENDED = "泉城智造应聘", "省技术市场协会入会"
BOUGHT = "市科技局培训服务采购"
WORDS, CONSENT = "技术转移部招聘三名技术经理人", "2026年入职材料同意书，档案号RS-2026-031"
CLIENTS = ("WeChat · Android", "Chrome · Windows", "Safari · iPhone")
STRANGER, UNKNOWN = "赵远航", "JJC3720260000000"


def load(demo: Demo) -> int:
    """Share and check once, when the certificates are out."""
    del demo
    if session.scalar(select(CertificateCheck.id).limit(1)) is not None:
        session.rollback()
        return 0
    jobs.work()
    issued = select(Certificate).where(Certificate.state == CertificateState.PUBLISHED, Certificate.number.is_not(None))
    held = list(session.scalars(issued.order_by(Certificate.id).limit(6)))
    session.rollback()
    if not held:
        return 0
    real = clock.real_now()
    _share(held[0].code, real)
    made = 1 + _of_organisation(real)
    _share_ended(held[0].code, real)
    _check(held)
    return made + 2


def _share(code: str, real: datetime) -> None:
    shown = [SharedField.LEVEL, SharedField.HOURS, SharedField.DATES, SharedField.ISSUER]
    link = _made(code, FIRST, (shown, OPEN), real - timedelta(days=6))
    for number, client in enumerate(CLIENTS):
        with unit_of_work():
            sharing.viewed(link, client, real=real - timedelta(days=5 - number, hours=number))


def _of_organisation(real: datetime) -> int:
    """Issue the accreditations that wait, and let a base show its own to who buys trainings; return how many links."""
    first, second, kind = acting_as("issuer"), acting_as("issuer2"), CertificateKind.ACCREDITATION
    with unit_of_work():
        body = queries.body_of(first)
        if kind not in steps.waiting_kinds(body.id):
            return 0
        batch = credentials.prepare_batch(body, kind=kind, by=first, at=CHECKED)
        credentials.lint_batch(batch, by=first, at=CHECKED)
    with unit_of_work():
        credentials.approve_batch(queries.batch(batch.code, second), by=second, at=CHECKED)
    jobs.work()
    by = acting_as("base")
    holder = Holder(organisation_id=by.organisation_id)
    with unit_of_work():
        chosen = Chosen(holder, queries.held_by(holder), [SharedField.DATES, SharedField.ISSUER], BOUGHT, 90)
        sharing.share(chosen, number=THIRD, by=by, at=CHECKED, real=real - timedelta(days=2))
    return 1


def _share_ended(code: str, real: datetime) -> None:
    ended = _made(code, SECOND, ([SharedField.LEVEL], ENDED), real - timedelta(days=40))
    with unit_of_work():
        sharing.viewed(ended, CLIENTS[1], real=real - timedelta(days=38))


def _made(code: str, number: str, wanted: tuple[list[SharedField], str], real: datetime) -> int:
    fields, label = wanted
    with unit_of_work():
        certificate = queries.certificate(code)
        person = session.get_one(Person, certificate.person_id)
        chosen = Chosen(Holder(person.id), [certificate], fields, label, 30)
        return sharing.share(chosen, number=number, by=actor_of(person, None), at=CHECKED, real=real).link.id


def _check(held: list[Certificate]) -> None:
    """Check a list with a right name, a wrong one, a slip of the hand and rows that nobody can read."""
    names = {one.id: name for one, name in _names(held)}
    first, *others = held
    rows = [ListRow(2, str(first.number), names[first.id])]
    rows += [ListRow(line, str(one.number), names[one.id]) for line, one in enumerate(others[:3], 3)]
    rows += [
        ListRow(7, str(first.number), STRANGER),
        ListRow(8, _slip(str(first.number)), names[first.id]),
        ListRow(9, UNKNOWN, STRANGER),
        ListRow(10, "", STRANGER, "empty"),
    ]
    asked = checks.Asked(CheckPurpose.RECRUITMENT, WORDS, CONSENT, "2026招聘名单.xlsx")
    with moved_to(CHECKED), unit_of_work():
        checks.start_check(asked, rows, number=LIST, by=acting_as("employer"), at=CHECKED)
    with moved_to(CHECKED):
        jobs.work()


def _names(held: list[Certificate]) -> list[tuple[Certificate, str]]:
    people = {one.id: one.name for one in session.scalars(select(Person).where(Person.id.in_(_people(held))))}
    session.rollback()
    return [(one, people[one.person_id or 0]) for one in held]


def _people(held: list[Certificate]) -> list[int]:
    return [one.person_id for one in held if one.person_id is not None]


def _slip(number: str) -> str:
    """Return a number with its last two digits swapped, as a hand does it."""
    return f"{number[:-3]}{number[-2]}{number[-3]}{number[-1]}"
