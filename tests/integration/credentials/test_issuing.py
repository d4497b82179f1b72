"""A certificate is prepared, linted, approved by a second person, stored, signed, rendered and published."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, UnavailableError
from app.core.events import Event, Subject
from app.core.jobs import Job, JobState
from app.core.signing import Algorithm, Signer
from app.credentials import paper, queries, services
from app.credentials.models import Batch, Certificate, CertificateRequest, StatusList
from app.credentials.queries import steps
from app.credentials.services import signing, storing
from app.credentials.services.bodies import signer_of
from app.credentials.states import BatchState, CertificateKind, CertificateState, RequestState
from app.desk.queries import todos_of
from app.settings import Settings
from tests.factories.accounts import SHANDONG, make_organisation, make_person
from tests.factories.credentials import ISSUED_AT, Office, fields, issue, make_batch, make_office, make_request


def approve(batch: Batch, office: Office) -> Job:
    with unit_of_work():
        return services.approve_batch(
            session.get_one(Batch, batch.id), vouched=True, by=office.second.actor, at=ISSUED_AT
        )


def test_a_request_is_made_once_and_waits_for_the_issuers(office: Office) -> None:
    holder = make_person()

    first = make_request(office, holder, source="award-1")
    again = make_request(office, holder, source="award-1")

    assert first.id == again.id
    assert [todo.kind for todo in todos_of(office.first.actor)] == ["credentials.prepare"]


@pytest.mark.parametrize("changes", [{"level": "master"}, {"valid_from": "soon"}, {"hours": "0"}, {"secret": "x"}])
def test_fields_that_do_not_fit_are_refused(office: Office, changes: dict[str, str]) -> None:
    with pytest.raises(InvalidError):
        make_request(office, **changes)  # type: ignore[arg-type]


def test_whoever_prepared_a_batch_does_not_approve_it(office: Office) -> None:
    make_request(office)
    batch = make_batch(office)

    with pytest.raises(ForbiddenError), unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), vouched=True, by=office.first.actor, at=ISSUED_AT)
    with pytest.raises(ForbiddenError), unit_of_work():
        services.reject_batch(session.get_one(Batch, batch.id), reason="x", by=office.first.actor, at=ISSUED_AT)
    assert [todo.kind for todo in todos_of(office.second.actor)] == ["credentials.approve"]
    assert todos_of(office.first.actor) == []


def test_the_schema_keeps_the_two_people_apart(office: Office) -> None:
    make_request(office)
    batch = make_batch(office)

    statement = update(Batch).values(state="approved", approved_by_id=Batch.prepared_by_id, approved_at=ISSUED_AT)
    with pytest.raises(ConflictError), unit_of_work():
        session.execute(statement.where(Batch.id == batch.id))


def test_only_issuers_of_the_body_act(office: Office) -> None:
    other = make_office(slug="other-centre", platform=False)
    make_request(office)

    with pytest.raises(ForbiddenError), unit_of_work():
        services.prepare_batch(office.body, kind=CertificateKind.CAPABILITY, by=other.first.actor, at=ISSUED_AT)
    batch = make_batch(office)
    with pytest.raises(NotFoundError):
        queries.batch(batch.code, other.first.actor)
    with pytest.raises(ConflictError):
        make_batch(office)


def test_a_batch_is_issued_step_by_step(office: Office) -> None:
    requests = [make_request(office, make_person(name=name)) for name in ("张䶮", "㛃三", "阿卜杜拉·买买提")]
    batch = make_batch(office)
    job = approve(batch, office)

    jobs.work()

    session.expire_all()
    issued = list(session.scalars(select(Certificate).order_by(Certificate.id)))
    assert [one.state for one in issued] == [CertificateState.PUBLISHED] * 3
    assert [one.request_id for one in issued] == [one.id for one in requests]
    assert len({one.status_index for one in issued}) == 3
    assert all(one.linted_at and one.signed_at and one.logged_at and one.rendered_at for one in issued)
    assert all(one.published_at and one.notified_at for one in issued)
    done = session.get_one(Job, job.id)
    assert (done.state, done.done, done.total) == (JobState.DONE, 21, 21)
    assert session.get_one(Batch, batch.id).state is BatchState.ISSUED
    assert session.scalar(select(StatusList)).credential is not None  # type: ignore[union-attr]
    published = session.scalars(select(Event).where(Event.kind == "credentials.published")).all()
    assert {event.data["source_type"] for event in published} == {"request_file"}
    assert not any("张" in json.dumps(event.data, ensure_ascii=False) for event in published)


def test_a_batch_with_findings_is_rejected_and_its_requests_wait_again(office: Office) -> None:
    holder = make_person(name="张三")
    first = make_request(office, holder)
    make_request(office, holder)
    batch = make_batch(office)
    assert found_in(batch) == ["duplicate"]

    with pytest.raises(InvalidError):
        approve(batch, office)
    with unit_of_work():
        row = session.get_one(Batch, batch.id)
        services.reject_batch(row, reason="重复", by=office.second.actor, at=ISSUED_AT)

    session.expire_all()
    assert session.get_one(CertificateRequest, first.id).state is RequestState.OPEN
    assert session.get_one(Batch, batch.id).reason == "重复"
    assert "credentials.prepare" in [todo.kind for todo in todos_of(office.first.actor)]


def test_the_same_fact_is_not_certified_twice(office: Office) -> None:
    holder = make_person()
    issue(office, holder)

    make_request(office, holder)

    assert found_in(make_batch(office)) == ["duplicate"]


def test_what_changed_after_approval_is_refused_and_waits(office: Office) -> None:
    """The approval pins what was linted: a row that says something else by now is not even stored."""
    holder, other = make_person(name="张三"), make_person(name="李四")
    changed, kept = make_request(office, holder), make_request(office, other)
    batch = make_batch(office)
    job = approve(batch, office)
    with unit_of_work():
        session.merge(holder).name = "张三丰"

    jobs.work()

    session.expire_all()
    issued = session.scalars(select(Certificate)).one()
    assert issued.request_id == kept.id
    waiting = session.get_one(CertificateRequest, changed.id)
    assert waiting.state is RequestState.OPEN
    assert [one["code"] for one in waiting.findings] == ["changed-after-lint"]
    done = session.get_one(Batch, batch.id)
    assert (done.state, done.size, done.left_out) == (BatchState.ISSUED, 1, 1)
    assert session.get_one(Job, job.id).state is JobState.DONE


def test_nothing_unlinted_can_be_signed(office: Office) -> None:
    """The schema itself refuses a signature before lint."""
    make_request(office)
    batch = make_batch(office)
    with unit_of_work():
        row = session.get_one(Batch, batch.id)
        storing.store(row, storing.draft(row, 0, ISSUED_AT), ISSUED_AT)

    with pytest.raises(ConflictError), unit_of_work():
        signing.sign(session.scalars(select(Certificate)).one(), issuing_signer(office), at=ISSUED_AT)


def found_in(batch: Batch) -> list[str]:
    return [one["code"] for row in steps.request_page(batch.id, 1, only_faults=True).rows for one in row.findings]


def issuing_signer(office: Office) -> Signer:
    return signer_of(office.body)


def test_without_pango_certificates_are_issued_without_paper(office: Office) -> None:
    assert not paper.available()

    certificate = issue(office)

    assert certificate.state is CertificateState.PUBLISHED
    assert certificate.pdf_file_id is None


def test_a_full_status_list_is_followed_by_a_fresh_one(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "FULL", 1)

    first, second = issue(office), issue(office)

    assert first.status_list_id != second.status_list_id


def test_keys_rotate_and_old_certificates_go_on(office: Office) -> None:
    old = issue(office)
    with unit_of_work():
        services.rotate_key(session.merge(office.body), by=None, at=ISSUED_AT)

    new = issue(office)

    assert old.key_id != new.key_id
    document = queries.did_document(office.body)
    assert len(document["assertionMethod"]) == 4
    assert all(signer_of(office.body, algorithm) for algorithm in Algorithm)


def test_a_lost_key_is_named(office: Office, settings: Settings) -> None:
    key = queries.signing_key(office.body.id)
    store = settings.key_store
    (Path(store) / f"{key.store_name}.pem").unlink()

    with pytest.raises(UnavailableError):
        signer_of(office.body)


def test_bodies_are_found_by_region(office: Office) -> None:
    province = make_office(slug="shandong-centre", platform=False, region=SHANDONG)

    assert queries.body_for_region("370102").id == province.body.id
    assert queries.body_for_region("440300").id == office.body.id
    assert province.body.did == "did:web:localhost%3A8000:issuers:shandong-centre"
    assert office.body.did == "did:web:localhost%3A8000"


def test_one_identity_has_one_body(office: Office) -> None:
    assert office.body.closed_at is None
    with pytest.raises(ConflictError):
        make_office(slug="second-platform", platform=True)
    again = make_organisation(slug="sample-centre")
    with unit_of_work():
        assert services.open_body(again, by=None, at=ISSUED_AT).slug == "sample-centre"


def test_nobody_issues_where_there_is_no_body(app: object) -> None:
    del app
    with pytest.raises(UnavailableError):
        queries.body_for_region(SHANDONG)
    with pytest.raises(NotFoundError):
        queries.issuing_body("nobody")


def test_sources_are_kept_apart_by_kind(office: Office) -> None:
    holder = make_person()
    with unit_of_work():
        made = [
            services.request_certificate(
                kind=kind,
                person_id=holder.id,
                source=Subject("enrolment", "E-1"),
                fields=fields(),
                body=session.merge(office.body),
                by=None,
                at=ISSUED_AT,
            )
            for kind in (CertificateKind.COURSE_COMPLETION, CertificateKind.EXAM_PASS)
        ]
    assert len({one.id for one in made}) == 2
