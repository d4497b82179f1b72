"""Templates: shipped, drafted by one person, confirmed by another; what was issued keeps the version it has."""

from dataclasses import replace

import pytest
from sqlalchemy import ColumnElement, select, update

from app.accounts.states import Role
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, UnavailableError
from app.core.events import Event
from app.credentials import queries, services
from app.credentials.models import Batch, Certificate, CertificateRequest, CertificateTemplate
from app.credentials.queries import templates
from app.credentials.rules.openbadge import read_certificate
from app.credentials.services.drafts import fields_of
from app.credentials.services.templates import Content, digest, layout_of
from app.credentials.states import CertificateKind, RequestState, TemplateState
from app.desk.queries import todos_of
from tests.factories.accounts import Member, make_member, make_person
from tests.factories.credentials import ISSUED_AT, Office, issue, make_batch, make_office, make_request

CAPABILITY = CertificateKind.CAPABILITY


def begin(by: Member, *, level: str = "", kind: CertificateKind = CAPABILITY) -> CertificateTemplate:
    """Begin a draft from the version in force."""
    with unit_of_work():
        current = templates.template(templates.current(kind, None).code)
        return services.start_draft(current, level=level, by=by.actor, at=ISSUED_AT)


def content_of(draft: CertificateTemplate, **changes: object) -> Content:
    kept = Content(
        wording=dict(draft.wording),
        html=draft.html,
        css=draft.css,
        source=(draft.source_zh, draft.source_en),
        valid_months=draft.valid_months,
        renew_from_days=draft.renew_from_days,
        tag=draft.tag,
    )
    return replace(kept, **changes)  # type: ignore[arg-type]


def save(draft: CertificateTemplate, by: Member, **changes: object) -> None:
    with unit_of_work():
        row = templates.template(draft.code)
        services.save_draft(row, content_of(row, **changes), by=by.actor, at=ISSUED_AT)


def confirm(draft: CertificateTemplate, by: Member, *, seen: str | None = None) -> None:
    with unit_of_work():
        row = templates.template(draft.code)
        services.confirm_template(row, seen=seen or digest(row), by=by.actor, at=ISSUED_AT)


def test_the_shipped_templates_come_into_force_with_the_first_body(office: Office) -> None:
    found = {one.kind: one for one in templates.versions()}

    assert set(found) == set(CertificateKind)
    assert {one.state for one in found.values()} == {TemplateState.CONFIRMED}
    assert all(one.shipped and one.number == 1 and one.tag == "sample" and one.source_zh for one in found.values())
    with unit_of_work():
        assert services.load_shipped(at=ISSUED_AT) == 0
    assert office.body.id


def test_without_a_template_nothing_is_issued(app: object) -> None:
    del app
    with pytest.raises(UnavailableError):
        templates.current(CAPABILITY, "junior")
    assert templates.authority_id() is None
    with pytest.raises(NotFoundError):
        templates.template("nobody")


def test_a_draft_waits_for_a_second_issuer_of_the_authority(office: Office) -> None:
    draft = begin(office.first)

    assert (draft.number, draft.state, draft.based_on_id is not None) == (2, TemplateState.DRAFT, True)
    assert [todo.kind for todo in todos_of(office.second.actor)] == ["credentials.confirm_template"]
    assert todos_of(office.first.actor) == []
    with pytest.raises(ConflictError):
        begin(office.second)
    with pytest.raises(ForbiddenError):
        confirm(draft, office.first)

    confirm(draft, office.second)

    session.expire_all()
    current = templates.current(CAPABILITY, "junior")
    assert (current.number, current.confirmed_by_id) == (2, office.second.actor.person_id)
    retired = session.scalars(select(CertificateTemplate).where(CertificateTemplate.number == 1, _capability())).one()
    assert (retired.state, retired.retired_at) == (TemplateState.RETIRED, ISSUED_AT)
    assert todos_of(office.second.actor) == []
    kinds = set(session.scalars(select(Event.kind).where(Event.kind.startswith("credentials.template"))))
    assert {"credentials.template_confirmed", "credentials.template_retired"} <= kinds


def _capability() -> ColumnElement[bool]:
    return CertificateTemplate.kind == CAPABILITY


def test_the_schema_keeps_two_people_and_what_is_in_force(office: Office) -> None:
    draft = begin(office.first)
    rows = update(CertificateTemplate).where(CertificateTemplate.id == draft.id)
    with pytest.raises(ConflictError), unit_of_work():
        session.execute(
            rows.values(state="confirmed", confirmed_by_id=CertificateTemplate.drafted_by_id, confirmed_at=ISSUED_AT)
        )
    with pytest.raises(ConflictError), unit_of_work():
        session.execute(rows.values(state="confirmed", confirmed_at=ISSUED_AT))
    in_force = update(CertificateTemplate).where(CertificateTemplate.state == "confirmed")
    for column, value in (("html", "x"), ("wording", {}), ("valid_months", 1), ("level", "junior")):
        with pytest.raises(ConflictError), unit_of_work():
            session.execute(in_force.values({column: value}))


def test_who_writes_and_who_confirms(office: Office) -> None:
    other = make_office(slug="other-centre", platform=False)
    sysadmin = make_member(Role.SYSADMIN)
    with pytest.raises(ForbiddenError):
        begin(other.first)
    with pytest.raises(ForbiddenError):
        begin(make_member(Role.TRAINEE))

    draft = begin(sysadmin)

    with pytest.raises(ForbiddenError):
        confirm(draft, other.first)
    with pytest.raises(ForbiddenError):
        confirm(draft, make_member(Role.SYSADMIN))
    with pytest.raises(ForbiddenError):
        save(draft, office.first, html="<p></p>")
    with unit_of_work(), pytest.raises(ForbiddenError):
        services.discard_draft(templates.template(draft.code), by=office.first.actor, at=ISSUED_AT)
    confirm(draft, office.first)


def test_a_draft_keeps_what_is_wrong_and_is_not_confirmed(office: Office) -> None:
    draft = begin(office.first)
    words = {**draft.wording, "statement_zh": "能力等级证书。"}

    save(draft, office.first, wording=words, html="<script>x</script>")

    session.expire_all()
    kept = templates.template(draft.code)
    assert (kept.wording, kept.html) == (words, "<script>x</script>")
    found = templates.faults(kept)
    assert [one.code for one in found[0]] == ["statement-dropped"]
    assert [one.code for one in found[1]] == ["element"]
    with pytest.raises(InvalidError):
        confirm(draft, office.second)
    assert templates.current(CAPABILITY, None).number == 1


@pytest.mark.parametrize(
    "change", [{"css": "p { color: #111 }"}, {"valid_months": 12}, {"source": ("某办法", "Some measure")}], ids=str
)
def test_only_what_was_seen_is_confirmed(office: Office, change: dict[str, object]) -> None:
    draft = begin(office.first)
    seen = digest(templates.template(draft.code))
    save(draft, office.first, **change)

    with pytest.raises(ConflictError):
        confirm(draft, office.second, seen=seen)
    confirm(draft, office.second)
    with pytest.raises(ConflictError):
        save(draft, office.first, css="")
    with pytest.raises(ConflictError):
        confirm(draft, office.second)


def test_a_new_version_may_be_official_once_its_source_names_a_document(office: Office) -> None:
    """The tag follows the version: what was issued under a sample keeps saying so."""
    before = templates.current(CAPABILITY, None)
    draft = begin(office.first)
    save(draft, office.first, tag="official", source=("某部门", "Some office"))
    with pytest.raises(InvalidError):
        confirm(draft, office.second)
    save(draft, office.first, tag="official", source=("国科发火〔2026〕17号", "Guokefahuo (2026) No. 17"))

    confirm(draft, office.second)

    assert templates.current(CAPABILITY, None).tag == "official"
    assert templates.template(before.code).tag == "sample"


def test_a_discarded_draft_never_comes_into_force(office: Office) -> None:
    draft = begin(office.first)
    with unit_of_work():
        services.discard_draft(templates.template(draft.code), by=office.first.actor, at=ISSUED_AT)

    session.expire_all()
    assert templates.template(draft.code).state is TemplateState.RETIRED
    assert todos_of(office.second.actor) == []
    with pytest.raises(ConflictError):
        confirm(draft, office.second)
    assert begin(office.first).number == 3


def test_a_level_may_have_a_template_of_its_own(office: Office) -> None:
    with pytest.raises(InvalidError):
        begin(office.first, level="master")
    with pytest.raises(InvalidError):
        begin(office.first, level="senior", kind=CertificateKind.TITLE)
    draft = begin(office.first, level="senior")
    save(draft, office.first, valid_months=24)
    confirm(draft, office.second)

    assert templates.current(CAPABILITY, "senior").id == draft.id
    assert templates.current(CAPABILITY, "junior").number == 1
    assert queries.terms_of(CAPABILITY, "senior").valid_months == 24
    assert queries.terms_of(CAPABILITY, "junior").valid_months == 60


def test_what_was_issued_keeps_its_version(office: Office) -> None:
    before = issue(office)
    draft = begin(office.first)
    words = {**draft.wording, "name_zh": "{level}能力证书（新版）"}
    save(draft, office.first, wording=words, css="p { color: #222 }")
    confirm(draft, office.second)

    after = issue(office)

    session.expire_all()
    old, new = session.get_one(Certificate, before.id), session.get_one(Certificate, after.id)
    assert read_certificate(old.document).achievement.name.zh == "初级技术经纪人能力等级证书"
    assert read_certificate(new.document).achievement.name.zh == "初级技术经纪人能力证书（新版）"
    assert (layout_of(new).css, layout_of(old).css != layout_of(new).css) == ("p { color: #222 }", True)
    assert new.template_version_id == draft.id


def test_what_was_approved_is_what_is_issued(office: Office) -> None:
    """A version that comes into force between preparing and issuing changes nothing of the batch."""
    make_request(office)
    batch = make_batch(office)
    draft = begin(office.first)
    confirm(draft, office.second)
    with unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), vouched=True, by=office.second.actor, at=ISSUED_AT)
    jobs.work()

    stored = session.scalars(select(Certificate)).one()
    assert stored.template_version_id not in {None, draft.id}


def test_a_rejected_request_follows_the_version_in_force_again(office: Office) -> None:
    request = make_request(office)
    batch = make_batch(office)
    with unit_of_work():
        services.reject_batch(session.get_one(Batch, batch.id), reason="x", by=office.second.actor, at=ISSUED_AT)
    draft = begin(office.first)
    confirm(draft, office.second)

    make_batch(office)

    session.expire_all()
    row = session.get_one(CertificateRequest, request.id)
    assert (row.state, row.template_version_id) == (RequestState.BATCHED, draft.id)


def test_the_template_sets_the_end_where_the_room_sets_none(office: Office) -> None:
    request = make_request(office, make_person(), valid_until=None)
    given = make_request(office, make_person())

    assert str(fields_of(request).valid_until) == "2031-05-31"
    assert str(fields_of(given).valid_until) == "2029-05-31"
    terms = queries.terms_of(CAPABILITY, "junior")
    assert (terms.may_renew, terms.renew_from_days) == (True, 180)
    assert terms.takes is not None
    assert queries.terms_of(CertificateKind.TITLE, None).takes is None


def test_an_older_certificate_without_a_version_uses_the_layout_in_force(office: Office) -> None:
    certificate = issue(office)
    with unit_of_work():
        session.get_one(Certificate, certificate.id).template_version_id = None
    session.expire_all()
    assert layout_of(session.get_one(Certificate, certificate.id)).html == templates.current(CAPABILITY, None).html
