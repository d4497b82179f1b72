"""A chunk of a change of many certificates is one transaction of as many statements as a single row takes."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.events import Event
from app.credentials import paper, services
from app.credentials.models import Certificate, CertificateRequest
from app.credentials.services.bulk import Order
from app.credentials.states import (
    Act,
    CertificateState,
    ChangeState,
    ReissueReason,
    RequestState,
    RevocationReason,
    SuspensionReason,
)
from app.desk.models import Notice
from app.desk.queries import todos_of
from tests.factories.credentials import Office
from tests.integration.credentials.test_bulk import approve, issue_many, own, propose, stage, states
from tests.integration.credentials.test_succession import BEFORE_END, publish

FALSE = Order(Act.REVOKE, RevocationReason.FALSE_PAPERS.value)


@pytest.fixture(autouse=True)
def _without_paper(at_time: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch) -> None:
    at_time(datetime(2026, 11, 23, 2, tzinfo=UTC))
    monkeypatch.setattr(paper, "available", lambda: False)


def carry_out(office: Office, certificates: list[Certificate], order: Order) -> None:
    change = stage(office, [one.code for one in certificates], order)
    propose(change, office)
    approve(change, office.second)
    jobs.work()
    done = own(change, office.first)
    assert (done.state, done.done, done.skipped) == (ChangeState.DONE, len(certificates), 0)


@pytest.mark.parametrize(
    "order",
    [
        FALSE,
        Order(Act.SUSPEND, SuspensionReason.INVESTIGATION.value),
        Order(Act.REISSUE, ReissueReason.KEY_REPLACED.value),
    ],
    ids=lambda order: order.act.value,
)
def test_many_cost_as_many_statements_as_two(
    office: Office, count_statements: Callable[[], list[str]], order: Order
) -> None:
    sent = count_statements()
    counted = []
    for people in (1, 2, 9):  # the first of all opens the list of suspensions
        issued = issue_many(office, people)
        sent.clear()
        carry_out(office, issued, order)
        counted.append(len(sent))

    assert counted[1] == counted[2]


def test_what_follows_many_falls_with_them_together(
    office: Office, count_statements: Callable[[], list[str]], at_time: Callable[[datetime], None]
) -> None:
    """Each has a renewal in force, or one that waits; who holds them hears of it once."""
    at_time(BEFORE_END)
    sent = count_statements()
    counted = []
    for people in (1, 4):
        former = issue_many(office, people)
        waiting = issue_many(office, people)
        renew(former, office)
        publish(office)
        renew(waiting, office)
        listed = session.scalars(
            select(Certificate).where(Certificate.id.in_(one.id for one in former + waiting))
        ).all()
        sent.clear()
        carry_out(office, list(listed), FALSE)
        counted.append(len(sent))
        renewals = session.scalars(select(Certificate).where(Certificate.replaces_id.in_(one.id for one in former)))
        assert [one.state for one in renewals] == [CertificateState.REVOKED] * people
        closed = select(CertificateRequest).where(CertificateRequest.replaces_id.in_(one.id for one in waiting))
        assert {one.state for one in session.scalars(closed)} == {RequestState.WITHDRAWN}

    assert counted[1] <= counted[0], "the first of all opens lists"
    along = session.scalars(select(Event).where(Event.kind == "credentials.revoked")).all()
    assert sum("with" in one.data for one in along) == 5
    told = session.scalars(select(Notice.kind).where(Notice.kind == "credentials.request_closed")).all()
    assert len(told) == 5
    assert todos_of(office.first.actor) == []


def renew(certificates: list[Certificate], office: Office) -> None:
    for one in certificates:
        with unit_of_work():
            services.ask_renewal(session.get_one(Certificate, one.id), by=office.first.actor, at=BEFORE_END)


def test_a_certificate_and_its_renewal_in_one_list_are_revoked_once_each(
    office: Office, at_time: Callable[[datetime], None]
) -> None:
    at_time(BEFORE_END)
    former = issue_many(office, 1)
    renew(former, office)
    renewal = publish(office)

    carry_out(office, [*former, renewal], FALSE)

    assert states([*former, renewal]) == [CertificateState.REVOKED] * 2
    assert len(session.scalars(select(Event).where(Event.kind == "credentials.revoked")).all()) == 2
