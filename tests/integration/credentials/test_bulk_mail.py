"""Whoever holds a certificate that a change of many touches hears of it once, by mail too."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select

from app.core import jobs, post
from app.core.db import session, unit_of_work
from app.credentials import services
from app.credentials.models import Certificate
from app.credentials.services.bulk import Order
from app.credentials.states import Act, RevocationReason
from app.desk.models import Notice
from app.desk.post import send_waiting
from tests.factories.accounts import make_person
from tests.factories.credentials import Office, make_batch, make_request
from tests.integration.credentials.test_bulk import AT, approve, numbers, propose, stage


@pytest.fixture(autouse=True)
def _in_november(at_time: Callable[[datetime], None]) -> None:
    at_time(AT)


@pytest.mark.parametrize(
    ("order", "kind"),
    [
        (Order(Act.REVOKE, RevocationReason.FALSE_PAPERS.value), "credentials.revoked"),
        (Order(Act.REISSUE, "key_replaced"), "credentials.followed"),
    ],
)
def test_each_holder_of_a_change_of_many_gets_one_mail(office: Office, order: Order, kind: str) -> None:
    """Holders of certificates that stay hear nothing, and nobody hears twice."""
    for place in range(4):
        make_request(office, make_person(email=f"many{place}@demo.example"))
    certificates = issued_in_batch(office)
    changing = certificates[:3]
    send_waiting()
    before = len(post.in_memory())

    change = stage(office, numbers(changing), order)
    propose(change, office)
    approve(change, office.second)
    jobs.work()
    if order.act is Act.REISSUE:
        issued_in_batch(office)
    send_waiting()
    send_waiting()

    told = select(Notice.person_id).where(Notice.kind == kind)
    assert sorted(session.scalars(told)) == sorted(one.person_id or 0 for one in changing)
    addresses = [one.to for one in post.in_memory()[before:] if isinstance(one, post.Letter)]
    assert sorted(addresses) == [f"many{place}@demo.example" for place in range(3)]


def issued_in_batch(office: Office) -> list[Certificate]:
    """Issue what waits, and return the certificates of the body."""
    batch = make_batch(office)
    with unit_of_work():
        services.approve_batch(session.merge(batch), vouched=True, by=office.second.actor, at=AT)
    jobs.work()
    session.expire_all()
    own_ones = select(Certificate).where(Certificate.body_id == office.body.id).order_by(Certificate.id)
    return list(session.scalars(own_ones))
