"""Evidence that was withdrawn or replaced: the records that rest on it, the ratings that counted it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.assessment.credit import services
from app.assessment.credit.desk import expected
from app.assessment.credit.models import CreditDoubt, CreditRating, CreditRecord
from app.assessment.credit.queries import doubts
from app.assessment.credit.queries import ratings as queries
from app.assessment.credit.queries.records import subject
from app.assessment.credit.services import reports
from app.assessment.credit.states import DoubtState, Proposal, RecordState
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, DomainError, ForbiddenError, InvalidError
from app.credentials.models import CertificateRequest
from app.desk.models import Notice, Todo
from app.evidence import services as evidence
from app.evidence.models import Evidence
from app.evidence.queries.uses import evidence_used_by, standing_uses
from app.evidence.states import Kind
from app.rulebook.facts import from_json
from tests.factories.accounts import GUANGDONG, Member
from tests.factories.credentials import make_office
from tests.factories.credit import (
    NOW,
    again,
    confirmed,
    days,
    entered,
    entry,
    make_officers,
    make_record,
    make_subject,
    rated,
)
from tests.factories.evidence import again as evidence_again
from tests.factories.evidence import check, make_checked, make_checker, publish_checks
from tests.integration.credit.conftest import Field
from tests.worlds import built_once


@dataclass(frozen=True)
class Scene:
    """Two officers and a technology manager with checked evidence of a service."""

    officers: tuple[Member, Member]
    subject: Member
    checker: Member
    evidence: Evidence


@pytest.fixture
@built_once
def scene(app: Flask, field: Field) -> Scene:
    """Publish the checks and let an officer check a service of the technology manager."""
    del app
    publish_checks()
    checker = make_checker()
    return Scene(field.officers, field.subject, checker, make_checked(Kind.SERVICE, field.subject, checker=checker))


def resting(scene: Scene, *, at: datetime = NOW) -> CreditRecord:
    return make_record(scene.subject.person, scene.officers, entry(None), rests_on=(scene.evidence.code,), at=at)


def withdraw(scene: Scene, *, at: datetime) -> None:
    with unit_of_work():
        found = evidence_again(scene.evidence)
        evidence.withdraw(found, reason="该服务未实际完成。", by=scene.subject.actor, at=at)


def replaced(scene: Scene, *, at: datetime) -> Evidence:
    """Correct the evidence by a new version that is checked."""
    with unit_of_work():
        draft = evidence.correct(evidence_again(scene.evidence), by=scene.subject.actor, at=at)
        draft.details = {**draft.details, "title": "轴承企业技术需求对接（更正）"}
        evidence.declare(draft, by=scene.subject.actor, at=at)
    check(draft, scene.checker, at=at)
    return evidence_again(draft)


def the_doubt(record: CreditRecord) -> CreditDoubt:
    session.expire_all()
    found = doubts.open_doubt(record)
    assert found is not None
    return found


def propose(record: CreditRecord, by: Member, proposal: Proposal, *, at: datetime) -> None:
    with unit_of_work():
        found, doubt = again(record), the_doubt(record)
        services.propose(doubt, found, proposal=proposal, findings="经核，原业绩不成立。", by=by.actor, at=at)


def agree(record: CreditRecord, by: Member, *, at: datetime) -> None:
    with unit_of_work():
        services.agree(the_doubt(record), again(record), by=by.actor, at=at)


def open_todos() -> list[str]:
    return sorted(session.scalars(select(Todo.kind).where(Todo.closed_at.is_(None))))


def told(person: Member) -> list[str]:
    return list(session.scalars(select(Notice.kind).where(Notice.person_id == person.person.id).order_by(Notice.id)))


def ratings_of(person: Member) -> list[CreditRating]:
    return list(session.scalars(select(CreditRating).where(CreditRating.person_id == person.person.id)))


def counted(found: CreditRating) -> object:
    """Return how many services a stored rating counted."""
    decision, _verdict = queries.decision_of(found)
    return from_json(decision.facts)["services.count"].value


def test_a_record_is_listed_among_the_uses_of_its_evidence(
    scene: Scene, browser_of: Callable[[Member], FlaskClient]
) -> None:
    record = resting(scene)

    assert evidence_used_by(subject(record)) == [evidence_again(scene.evidence)]
    page = browser_of(scene.subject).get(f"/evidence/{scene.evidence.code}/withdraw").text
    assert f'href="/credit/records/{record.code}"' in page
    assert "由两名信用管理人员重新审核" in page, "what the withdrawal does stands beside it"
    assert scene.evidence.title in browser_of(scene.officers[0]).get(f"/credit/records/{record.code}").text


def test_a_record_rests_on_checked_evidence_of_its_own_person_only(scene: Scene) -> None:
    other = make_subject()
    with pytest.raises(InvalidError) as refused:
        entered(other.person, scene.officers[0], rests_on=(scene.evidence.code,))
    assert refused.value.field == "evidence"


def test_withdrawn_evidence_lets_two_officers_withdraw_the_record(scene: Scene, run_jobs: Callable[[], int]) -> None:
    record = resting(scene)
    first, second = scene.officers

    withdraw(scene, at=days(1))

    assert again(record).state is RecordState.CONFIRMED
    assert "credit.look_again" in open_todos()
    propose(record, first, Proposal.WITHDRAW, at=days(2))
    assert "credit.decide_doubt" in open_todos()
    with pytest.raises(ForbiddenError, match="另一名"):
        agree(record, first, at=days(2))
    agree(record, second, at=days(3))

    assert again(record).state is RecordState.WITHDRAWN
    assert evidence_used_by(subject(record)) == []
    run_jobs()
    assert {"credit.doubted", "credit.withdrawn"} <= set(told(scene.subject))
    assert {one.kind for one in expected()} == set()


def test_what_was_known_of_a_record_before_its_withdrawal_stays(scene: Scene) -> None:
    record = resting(scene)
    before = rated(scene.subject.person, scene.officers[0], at=days(1))
    withdraw(scene, at=days(2))
    propose(record, scene.officers[0], Proposal.WITHDRAW, at=days(3))
    agree(record, scene.officers[1], at=days(4))

    for found in ratings_of(scene.subject):
        decision, verdict = queries.decision_of(found)
        same = queries.rate([found.person_id], found.region_code, on=found.judged_on, known_at=found.known_at)
        assert same[found.person_id].verdict == verdict
        assert dict(same[found.person_id].facts) == from_json(decision.facts)
    assert ratings_of(scene.subject)[0].id == before.id


def test_a_record_may_stand_without_the_evidence(scene: Scene, run_jobs: Callable[[], int]) -> None:
    record = resting(scene)
    withdraw(scene, at=days(1))

    propose(record, scene.officers[1], Proposal.KEEP, at=days(2))
    agree(record, scene.officers[0], at=days(3))

    assert (again(record).state, evidence_used_by(subject(record))) == (RecordState.CONFIRMED, [])
    run_jobs()
    assert "credit.stands" in told(scene.subject)
    assert {one.kind for one in expected()} == set()


def test_a_record_that_stands_takes_the_new_version_of_replaced_evidence(scene: Scene) -> None:
    record = resting(scene)

    later = replaced(scene, at=days(1))

    assert "credit.look_again" in open_todos()
    propose(record, scene.officers[0], Proposal.KEEP, at=days(2))
    agree(record, scene.officers[1], at=days(3))
    assert [one.id for one in evidence_used_by(subject(record))] == [later.id]


def test_a_proposal_that_the_second_officer_does_not_share_goes_back(scene: Scene) -> None:
    record = resting(scene)
    withdraw(scene, at=days(1))
    propose(record, scene.officers[0], Proposal.KEEP, at=days(2))

    with unit_of_work():
        services.send_back(
            the_doubt(record), again(record), reason="请再核对。", by=scene.officers[1].actor, at=days(3)
        )

    assert the_doubt(record).state is DoubtState.OPEN
    assert [kind for kind in open_todos() if kind.startswith("credit.")] == ["credit.look_again"]
    propose(record, scene.officers[0], Proposal.WITHDRAW, at=days(4))


def test_a_correction_settles_the_second_look(scene: Scene) -> None:
    record = resting(scene)
    withdraw(scene, at=days(1))

    new = entered(scene.subject.person, scene.officers[0], entry(None), corrects=again(record), at=days(2))
    confirmed(new, scene.officers[1], at=days(3))

    assert (again(record).state, doubts.open_doubt(again(record))) == (RecordState.CORRECTED, None)
    assert [kind for kind in open_todos() if kind.startswith("credit.")] == []


def test_a_record_is_not_confirmed_on_evidence_that_ended(scene: Scene) -> None:
    record = entered(scene.subject.person, scene.officers[0], entry(None), rests_on=(scene.evidence.code,))
    withdraw(scene, at=days(1))

    with pytest.raises(ConflictError, match="撤回或者替换"):
        confirmed(record, scene.officers[1], at=days(2))


def test_officers_of_another_region_and_the_person_do_not_decide(scene: Scene) -> None:
    record = resting(scene)
    withdraw(scene, at=days(1))
    for stranger in (make_officers(GUANGDONG)[0], scene.subject):
        with pytest.raises(ForbiddenError):
            propose(record, stranger, Proposal.KEEP, at=days(2))


def test_a_rating_is_a_use_of_what_it_counted_and_is_made_again_without_it(
    scene: Scene, run_jobs: Callable[[], int]
) -> None:
    make_office()
    make_record(scene.subject.person, scene.officers, entry(None))
    first = rated(scene.subject.person, scene.officers[0], at=days(1))
    assert [one.subject_code for one in standing_uses(scene.evidence.id)] == [scene.subject.person.code]
    with unit_of_work():
        reports.ask_for_report(first, by=scene.subject.actor, at=days(1))

    withdraw(scene, at=days(2))

    _first, again_rated = ratings_of(scene.subject)
    assert (counted(first), counted(again_rated)) == (1, 0)
    assert standing_uses(scene.evidence.id) == []
    run_jobs()
    assert "credit.rated_again" in told(scene.subject)
    assert "credit.rated" in told(scene.subject), "the first rating was told as a rating"
    assert session.scalars(select(CertificateRequest.withdrawn_at)).one() is not None


def test_a_rating_counts_the_new_version_of_replaced_evidence(scene: Scene) -> None:
    make_record(scene.subject.person, scene.officers, entry(None))
    first = rated(scene.subject.person, scene.officers[0], at=days(1))

    later = replaced(scene, at=days(2))

    assert [counted(one) for one in ratings_of(scene.subject)] == [1, 1]
    assert standing_uses(scene.evidence.id) == []
    assert [one.subject_code for one in standing_uses(later.id)] == [scene.subject.person.code]
    assert first.score == ratings_of(scene.subject)[-1].score


def test_officers_go_the_whole_way_in_their_browsers(scene: Scene, browser_of: Callable[[Member], FlaskClient]) -> None:
    record = resting(scene)
    withdraw(scene, at=days(1))
    first, second = (browser_of(one) for one in scene.officers)
    path = f"/credit/records/{record.code}"
    code = the_doubt(record).code

    assert "form-proposal" in first.get(path).text
    empty = first.post(f"/credit/doubts/{code}/propose", data={})
    sent = first.post(
        f"/credit/doubts/{code}/propose",
        data={"proposal-proposal": "withdraw", "proposal-findings": "经核，原业绩不成立。"},
    )
    assert (empty.status_code, sent.status_code) == (422, 302)
    assert f"/credit/doubts/{code}/agree" not in first.get(path).text
    assert "经核，原业绩不成立。" in second.get(path).text
    assert second.post(f"/credit/doubts/{code}/return", data={}).status_code == 422
    assert second.post(f"/credit/doubts/{code}/agree").status_code == 302
    assert again(record).state is RecordState.WITHDRAWN
    assert browser_of(make_officers(GUANGDONG)[0]).post(f"/credit/doubts/{code}/agree").status_code == 404


@pytest.mark.one_database
def test_a_second_look_says_what_was_found_and_why_it_is_sent_back_and_stays_in_its_region(scene: Scene) -> None:
    record, at = resting(scene), days(1)
    withdraw(scene, at=at)
    first, second = scene.officers
    stranger = make_officers(GUANGDONG)[0]

    def refused(error: type[DomainError], act: Callable[[CreditDoubt, CreditRecord], object]) -> str:
        doubt, found = the_doubt(record), again(record)
        with pytest.raises(error) as told, unit_of_work():
            act(doubt, found)
        session.rollback()
        return told.value.field or ""

    def proposing(by: Member, findings: str) -> Callable[[CreditDoubt, CreditRecord], object]:
        return lambda doubt, found: services.propose(
            doubt, found, proposal=Proposal.KEEP, findings=findings, by=by.actor, at=at
        )

    assert refused(InvalidError, proposing(first, " ")) == "findings"
    refused(ForbiddenError, proposing(stranger, "经核。"))
    propose(record, first, Proposal.KEEP, at=at)
    back = services.send_back
    assert (
        refused(InvalidError, lambda doubt, found: back(doubt, found, reason=" ", by=second.actor, at=at)) == "reason"
    )
    refused(ForbiddenError, lambda doubt, found: back(doubt, found, reason="x", by=first.actor, at=at))
    refused(ForbiddenError, lambda doubt, found: back(doubt, found, reason="x", by=stranger.actor, at=at))
    assert the_doubt(record).state is DoubtState.PROPOSED


@pytest.mark.one_database
def test_a_report_is_asked_for_oneself_on_the_latest_rating_and_once(scene: Scene) -> None:
    make_office()
    make_record(scene.subject.person, scene.officers)
    former = rated(scene.subject.person, scene.officers[0])
    latest = rated(scene.subject.person, scene.officers[0], at=days(1))

    def ask(rating: CreditRating, by: Member) -> CertificateRequest:
        with unit_of_work():
            return reports.ask_for_report(rating, by=by.actor, at=days(2))

    former, latest = (queries.by_code(one.code) for one in (former, latest))
    with pytest.raises(ForbiddenError):
        ask(latest, scene.officers[0])
    with pytest.raises(ConflictError):
        ask(former, scene.subject)
    assert ask(latest, scene.subject).code == ask(latest, scene.subject).code
    assert reports.standing_report(former, at=days(2)) is None
