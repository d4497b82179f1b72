"""Others rely on evidence: for several purposes, but within one never on more than the whole of it."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, NotFoundError
from app.core.events import Event, Subject
from app.evidence import services
from app.evidence.models import Evidence, EvidenceUse
from app.evidence.queries.uses import evidence_used_by
from app.evidence.states import Kind
from tests.factories.accounts import JINAN, Member, make_member, make_organisation
from tests.factories.evidence import AT, again, make_checked, make_declared, make_draft

FIRST, SECOND = Subject("title_application", "one"), Subject("title_application", "two")


def use(record: Evidence, subject: Subject, purpose: str = "titles", part: str = "100") -> EvidenceUse:
    with unit_of_work():
        return services.use(record.id, subject, purpose, AT, part=Decimal(part))


def test_a_record_serves_several_purposes_and_each_use_is_shown_to_its_person(
    owner: Member, browser_of: Callable[[Member], FlaskClient]
) -> None:
    made = make_checked(Kind.SERVICE, owner)

    use(made, FIRST)
    use(made, Subject("credit_rating", "r-2026"), "credit:2026")

    page = browser_of(owner).get(f"/evidence/{made.code}").text
    assert "职称申报" in page
    assert 'href="/titles/applications/one"' in page
    assert 'href="/credit/mine"' in page
    kinds = [event.kind for event in session.scalars(select(Event).where(Event.kind == "evidence.used"))]
    assert len(kinds) == 2
    assert evidence_used_by(FIRST) == [again(made)]


def test_within_one_purpose_a_record_is_used_once(owner: Member) -> None:
    made = make_checked(Kind.SERVICE, owner)
    use(made, FIRST)

    with pytest.raises(ConflictError, match="还剩百分之0"):
        use(made, SECOND)
    assert use(made, FIRST).id == session.scalars(select(EvidenceUse.id)).one()


def test_parts_of_a_record_add_up_to_the_whole(owner: Member) -> None:
    made = make_checked(Kind.CONTRACT, owner)

    use(made, FIRST, part="60")
    with pytest.raises(ConflictError, match=r"还剩百分之40\.00"):
        use(made, SECOND, part="40.01")
    use(made, SECOND, part="40")

    assert len(session.scalars(select(EvidenceUse)).all()) == 2


def test_what_is_given_up_can_be_used_again(owner: Member) -> None:
    made = make_checked(Kind.SERVICE, owner)
    use(made, FIRST)
    use(made, FIRST, "performance")

    with unit_of_work():
        assert services.release(FIRST, at=AT, purpose="titles") == 1
        assert services.release(FIRST, at=AT, purpose="titles") == 0
    use(made, SECOND)
    with unit_of_work():
        assert services.release(FIRST, at=AT) == 1
        assert services.release(SECOND, at=AT) == 1

    assert use(made, FIRST).released_at is None


def test_a_correction_is_not_used_beside_what_it_corrects(owner: Member) -> None:
    made = make_checked(Kind.SERVICE, owner)
    use(made, FIRST)
    with unit_of_work():
        new = services.correct(again(made), by=owner.actor, at=AT)
        services.declare(new, by=owner.actor, at=AT)

    with pytest.raises(ConflictError):
        use(new, SECOND)


def test_only_what_stands_is_relied_on(owner: Member) -> None:
    admin = make_member(Role.EMPLOYER, JINAN, make_organisation(region=JINAN))
    unconfirmed, draft = make_declared(Kind.AWARD, owner, by=admin), make_draft(Kind.WORK, owner)
    ended = make_declared(Kind.SERVICE, owner)
    with unit_of_work():
        services.withdraw(again(ended), reason="x", by=owner.actor, at=AT)

    for record in (unconfirmed, draft, ended):
        with pytest.raises(ConflictError, match="才能被采用"):
            use(record, FIRST)
    with pytest.raises(NotFoundError), unit_of_work():
        services.use(987654, FIRST, "titles", AT)
