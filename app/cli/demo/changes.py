"""What became of some certificates of the demo: one suspended, one made anew, one change of many done, one waiting."""

from datetime import UTC, date, datetime

from sqlalchemy import func, select

from app.accounts.actors import actor_of
from app.accounts.models import Person
from app.accounts.services.people import correct_name
from app.cli.demo.certificates import AT as ISSUED_AT
from app.cli.demo.moved import moved_to
from app.cli.demo.step import Demo, acting_as
from app.core import jobs
from app.core.db import session, unit_of_work
from app.credentials import queries as issuing
from app.credentials import services as credentials
from app.credentials.models import BulkChange, Certificate
from app.credentials.queries import changes
from app.credentials.queries import sharing as links
from app.credentials.queries.records import Holder
from app.credentials.rules.templates import end_of
from app.credentials.services import bulk
from app.credentials.services.bulk import Order
from app.credentials.states import Act, CertificateKind, CertificateState, ReissueReason, SuspensionReason

AT = datetime(2026, 10, 12, 2, tzinfo=UTC)
# zh: the name that a person of the demo takes
NAME = "周子涵"
UNKNOWN = "TM3720990000000"
FEWEST = 6


def load(demo: Demo) -> int:
    """Change some of the issued certificates once; the job runner carries the change of many out."""
    del demo
    if session.scalar(select(func.count()).select_from(BulkChange)):
        return 0
    session.rollback()
    with moved_to(ISSUED_AT):
        _work()
    codes = _issued()
    if len(codes) < FEWEST:
        return 0
    with moved_to(AT):
        _suspend(codes[-2])
        _make_anew(codes[-3])
        _change_many(codes[-5:-3])
        _propose([codes[-6], codes[-2]])
        _work()
    return 4


def _work() -> None:
    while jobs.work():
        pass


def _issued() -> list[str]:
    query = select(Certificate.code).where(
        Certificate.kind == CertificateKind.CAPABILITY, Certificate.state == CertificateState.PUBLISHED
    )
    return list(session.scalars(query.order_by(Certificate.id)))


def _suspend(code: str) -> None:
    issuer = acting_as("issuer")
    with unit_of_work():
        credentials.suspend(
            issuing.own_certificate(code, issuer),
            reason=SuspensionReason.INVESTIGATION,
            until=end_of(date(2026, 12, 31)),
            note="收到举报，正在核查学时记录。",  # zh: what an issuer of the demo wrote
            by=issuer,
            at=AT,
        )


def _make_anew(code: str) -> None:
    """Let a holder whose name changed ask for a new certificate, and two issuers issue it."""
    first, second = acting_as("issuer"), acting_as("issuer2")
    with unit_of_work():
        person = session.get_one(Person, issuing.own_certificate(code, first).person_id)
        correct_name(person, name=NAME, name_latin=None, reason="户口簿变更页", at=AT)  # zh: the document seen
        holder = actor_of(person, None)
    with unit_of_work():
        found = links.held(code, Holder(holder.person_id))
        credentials.ask_reissue(found, because=ReissueReason.NAME_CHANGED, by=holder, at=AT)
    with unit_of_work():
        batch = credentials.prepare_batch(issuing.body_of(first), kind=CertificateKind.CAPABILITY, by=first, at=AT)
        credentials.lint_batch(batch, by=first, at=AT)
    with unit_of_work():
        credentials.approve_batch(issuing.batch(batch.code, second), by=second, at=AT)


def _change_many(codes: list[str]) -> None:
    first, second = acting_as("issuer"), acting_as("issuer2")
    order = Order(Act.SUSPEND, SuspensionReason.CONTINUING_EDUCATION, until=end_of(date(2026, 12, 15)))
    with unit_of_work():
        rows = [(line, code, "") for line, code in enumerate(codes, start=1)]
        change = bulk.stage(issuing.body_of(first), order, rows, by=first, at=AT)
        bulk.propose(change, only_good=False, by=first, at=AT)
    with unit_of_work():
        bulk.approve(changes.bulk_change(change.code, second), by=second, at=AT)


def _propose(codes: list[str]) -> None:
    """Leave a change for whoever tries the demo: one good row, two with problems."""
    first = acting_as("issuer")
    with unit_of_work():
        rows = [(line, code, "") for line, code in enumerate([*codes, UNKNOWN], start=2)]
        order = Order(Act.SUSPEND, SuspensionReason.OBJECTION)
        change = bulk.stage(issuing.body_of(first), order, rows, file_name="2026-10.xlsx", by=first, at=AT)
        bulk.propose(change, only_good=True, by=first, at=AT)
