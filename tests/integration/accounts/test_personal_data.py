"""What the platform keeps of people: every reference to a person is told in the copy, or said why not."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Column, select, update

from app.accounts import queries as accounts
from app.accounts import services
from app.accounts.actors import actor_of
from app.accounts.models import Account, Membership, Passkey, PasswordReset, PastPassword, Person, RecoveryCode
from app.accounts.rights import Claim
from app.accounts.services import claims, erasure, exports, merging
from app.accounts.states import ErasureState, IdentityKind, ResetWay, Role
from app.assessment.certification.models import Award
from app.assessment.exams.models import ExamSession
from app.assessment.exams.states import SessionState
from app.cases.models import Restriction, RestrictionLift
from app.core import clock
from app.core.access_log import Purpose, looked_up
from app.core.clock import day_of
from app.core.db import Base, session, unit_of_work
from app.core.events import Event, Subject
from app.core.personal_data import FIELDS
from app.core.room import Hold, PersonalData, rooms
from app.credentials.models import Certificate
from app.desk import queries as desk
from app.desk.rights import expected
from tests.factories.accounts import (
    MADE_AT,
    SHANDONG,
    Member,
    make_member,
    make_organisation,
    make_person,
    open_session,
)
from tests.factories.certification import DECIDED, decided, make_award, make_candidate, make_exam, publish_name
from tests.integration.certification.test_register import issue

ACTORS = ("_by_id", "_by")
"""Who did a thing: the copy tells it as an act, from the event log."""
LOOSE = {"person_id", "viewer_id", "not_person_id"}
"""Names of columns that hold a person's key without a constraint."""


def declared() -> list[PersonalData]:
    return [data for room in rooms() for data in room.personal_data]


def references() -> set[str]:
    found = set()
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if names_a_person(column) and not column.name.endswith(ACTORS) and column.name != "by_id":
                found.add(f"{table.name}.{column.name}")
    return found


def names_a_person(column: Column[object]) -> bool:
    return column.name in LOOSE or any(key.target_fullname == "person.id" for key in column.foreign_keys)


def test_every_reference_to_a_person_is_told_in_the_copy_or_said_why_not(app: Flask) -> None:
    del app
    told = {column for data in declared() for column in data.columns}
    untold = {column for room in rooms() for column in room.untold}

    assert references() - told - untold == set(), "a room forgot to declare what it keeps of a person"
    assert not told & untold
    known = {f"{table.name}.{column.name}" for table in Base.metadata.sorted_tables for column in table.columns}
    assert (told | untold) - known == set(), "what is declared exists"
    assert all(len(reason) > 20 for room in rooms() for reason in room.untold.values())


def test_every_room_gives_a_file_of_its_own(app: Flask) -> None:
    del app
    names = [data.name for data in declared()]
    assert len(names) == len(set(names))
    assert {"exams", "awards", "certificates", "evidence", "cases", "ballots", "expert_pools", "looks"} <= set(names)


@pytest.fixture
def member(app: object) -> Member:
    del app
    return make_member(Role.TRAINEE)


def test_every_part_can_be_collected_of_a_person_without_records(member: Member) -> None:
    for data in declared():
        listed = list(data.collect(member.person.id))
        assert all(key in {**FIELDS, **data.fields} for row in listed for key in row), data.name


def holder_of(award: Award) -> Member:
    person = session.get_one(Person, award.person_id)
    membership = session.scalars(select(Membership).where(Membership.person_id == person.id)).one()
    return Member(person, membership, actor_of(person, membership))


def copy_of(member: Member, language: str = "zh") -> dict[str, str]:
    with unit_of_work():
        export = exports.request_export(language=language, by=member.actor, at=clock.real_now())
        code = export.code
    packed = exports.make_export(code)
    with unit_of_work():
        exports.keep_export(code, packed, at=clock.real_now())
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_the_copy_tells_levels_results_and_looks_and_names_fields_in_the_language_of_the_person(app: Flask) -> None:
    del app
    award = decided(make_award(make_exam()))
    holder = holder_of(award)
    officer = make_member(Role.SECADMIN, "100000", person=make_person(name="\u4ee4\u72d0\u522b"))
    looked_up([holder.person.id], by=officer.actor, purpose=Purpose.ADMINISTRATION, record=Subject("people", "p"))

    files = copy_of(holder)
    told = {name: json.loads(text) for name, text in files.items() if name.endswith(".json")}

    assert told["awards.json"][0]["unified_number"] == award.unified_number
    assert told["results.json"][0]["score"] == "80.00"
    assert told["exams.json"][0]["session"] == told["results.json"][0]["session"]
    assert told["looks.json"][0]["purpose"] == "administration"
    assert officer.person.name not in "".join(files.values()), "no other person is named"
    assert "\u7edf\u4e00\u7f16\u53f7" in files["index.html"], "fields stand in words"
    assert "Unified number" in copy_of(holder, "en")["index.html"]


def test_a_result_is_no_part_of_the_copy_before_it_is_released(app: Flask) -> None:
    del app
    exam = make_exam()
    candidate = make_candidate(exam)
    with unit_of_work():
        values = {"state": SessionState.PROPOSED, "released_by_id": None, "released_at": None}
        session.execute(update(ExamSession).where(ExamSession.id == exam.session.id).values(**values))

    files = copy_of(candidate.member)

    assert json.loads(files["results.json"]) == []
    assert len(json.loads(files["exams.json"])) == 1
    assert [hold.tag for hold in erasure.holds_of(candidate.member.person.id, clock.today())] == ["official"]


def test_erasure_ends_every_way_in_and_drops_what_can_be_found(app: Flask, client: FlaskClient) -> None:
    del app
    award = publish_name(decided(make_award(make_exam())))
    holder = holder_of(award)
    person = holder.person
    name, officer = person.name, make_member(Role.SECADMIN, "100000")
    with unit_of_work():
        account = services.add_account(person, None, password_hash="x", at=MADE_AT)
        session.add(PastPassword(person_id=person.id, password_hash="old", replaced_at=MADE_AT))
        session.add(PasswordReset(person_id=person.id, way=ResetWay.MAIL, asked_at=MADE_AT))
        services.make_recovery_codes(account, by=holder.actor, at=MADE_AT)
        passkey = Passkey(person_id=person.id, credential=b"c", public_key=b"k", name="key", added_at=MADE_AT)
        session.add(passkey)
    token = open_session(holder)
    assert name in client.get(f"/search?q={award.unified_number}").text
    late = datetime(2035, 1, 1, tzinfo=UTC)

    with unit_of_work():
        request = erasure.request_erasure(by=holder.actor, at=DECIDED)
        erasure.decide_erasure(request, grant=True, answer="y", by=officer.actor, at=DECIDED, real_at=clock.real_now())
    assert request.state is ErasureState.LIMITED
    assert {hold["tag"] for hold in request.kept} == {"official"}
    assert accounts.session_by_token(token, clock.real_now()) is None
    for model in (Account, Passkey, PastPassword, PasswordReset, RecoveryCode):
        assert session.scalars(select(model).where(model.person_id == person.id)).all() == [], model
    assert session.scalar(select(Event.id).where(Event.kind == "accounts.sessions_ended")) is not None

    with unit_of_work():
        assert erasure.finish_erasures(on=day_of(late), at=late) == 1
    assert name not in client.get(f"/search?q={award.unified_number}").text
    assert name not in client.get(f"/register/{award.unified_number}").text


def test_what_is_held_without_a_day_is_erased_once_nothing_holds_it(member: Member) -> None:
    officer = make_member(Role.SECADMIN, "100000")
    with unit_of_work():
        restriction = Restriction(
            kind="certification.award",
            person_id=member.person.id,
            region_code=SHANDONG,
            starts_on=clock.today(),
            determination="d",
            reason_kept="r",
            imposed_by_id=officer.person.id,
            imposed_at=clock.now(),
        )
        session.add(restriction)
        session.flush()
        request = erasure.request_erasure(by=member.actor, at=clock.now())
        erasure.decide_erasure(
            request, grant=True, answer="y", by=officer.actor, at=clock.now(), real_at=clock.real_now()
        )
    assert (request.state, request.kept_until) == (ErasureState.LIMITED, None)
    with unit_of_work():
        assert erasure.finish_erasures(on=clock.today(), at=clock.now()) == 0
        session.add(
            RestrictionLift(restriction_id=restriction.id, lifted_on=clock.today(), reason="r", lifted_at=clock.now())
        )
    with unit_of_work():
        assert erasure.finish_erasures(on=clock.today(), at=clock.now()) == 0, "it was looked at today"
    with unit_of_work():
        assert erasure.finish_erasures(on=clock.today() + timedelta(days=1), at=clock.now()) == 1


def test_a_run_looks_at_few_requests_and_each_in_its_turn(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    del app
    monkeypatch.setattr(erasure, "AT_ONCE", 2)
    looked: list[int] = []

    def held(person_id: int, on: date) -> list[Hold]:
        del on
        looked.append(person_id)
        return [Hold("x", "y", None, "sample")]

    officer = make_member(Role.SECADMIN, "100000")
    asked = []
    with unit_of_work():
        for member in (make_member(Role.TRAINEE) for _one in range(3)):
            row = erasure.request_erasure(by=member.actor, at=DECIDED)
            row.state, row.decided_by_id, row.decided_at = ErasureState.LIMITED, officer.person.id, DECIDED
            asked.append(row.person_id)
    monkeypatch.setattr(erasure, "holds_of", held)
    today = clock.today()
    for on in (today, today, today, today + timedelta(days=1)):
        with unit_of_work():
            assert erasure.finish_erasures(on=on, at=clock.now()) == 0
    assert looked == [*asked[:2], asked[2], *asked[:2]]


def test_what_waits_for_a_second_person_is_a_to_do_until_it_is_decided(member: Member, app: Flask) -> None:
    del app
    first, second = make_member(Role.SECADMIN, "100000"), make_member(Role.SECADMIN, "100000")
    other = make_person(name="\u6c88\u77e5\u884c")
    with unit_of_work():
        other.identity_kind = other.identity_sealed = other.identity_index = None
    kept, gone = make_person(), session.get_one(Person, other.id)
    claimed = make_person(name="\u6797\u82e5")
    number = services.open_field(claimed, "person.identity") or ""
    with unit_of_work():
        request = erasure.request_erasure(by=member.actor, at=clock.now())
        merge = merging.propose_merge(kept, gone, reasons="r", by=first.actor, at=clock.now())
        claims.claim(name=claimed.name, kind=IdentityKind.RESIDENT_ID, number=number, on=clock.today(), at=clock.now())
        new = services.NewRole(Role.TRAINEE, SHANDONG, None, clock.today(), None)
        order = services.ask_role(member.person, new, reason="reason", by=first.actor, at=clock.now())

    assert {todo.kind for todo in desk.todos_of(second.actor)} == {
        "accounts.erasure", "accounts.merge", "accounts.claim", "accounts.order"
    }  # fmt: skip
    assert {todo.kind for todo in desk.todos_of(first.actor)} == {"accounts.erasure", "accounts.claim"}
    waiting = {(one.kind, one.subject.code, one.role, one.region_code) for one in expected()}
    assert waiting == {
        (todo.kind, todo.subject_code, todo.role, todo.region_code) for todo in desk.todos_of(second.actor)
    }

    with unit_of_work():
        erasure.withdraw_erasure(by=member.actor, at=clock.now())
        merging.decline_merge(merge, answer="n", by=second.actor, at=clock.now())
        services.carry_out(order, by=second.actor, at=clock.now())
        made = session.scalars(select(Claim)).one()
        claims.decide_claim(made, accept=False, by=second.actor, at=clock.now(), real_at=clock.real_now())
    assert desk.todos_of(second.actor) == []
    assert expected() == set()
    assert request.state is ErasureState.WITHDRAWN


def test_a_claim_waits_for_whoever_runs_the_organisation_that_brought_the_record_in(app: Flask) -> None:
    del app
    body = make_organisation()
    base, stranger = make_member(Role.BASE, SHANDONG, body), make_member(Role.BASE, SHANDONG)
    claimed = make_person(name="\u6797\u82e5")
    number = services.open_field(claimed, "person.identity") or ""
    with unit_of_work():
        services.invite(claimed, by=base.actor, at=clock.real_now())
        claims.claim(name=claimed.name, kind=IdentityKind.RESIDENT_ID, number=number, on=clock.today(), at=clock.now())
    assert [todo.url for todo in desk.todos_of(base.actor)] == ["/people/claims"]
    assert desk.todos_of(stranger.actor) == []
    assert {one.organisation_id for one in expected()} == {body.id}


def test_a_certificate_of_an_erased_person_is_shown_to_nobody(client: FlaskClient, run_jobs: Callable[[], int]) -> None:
    award = decided(make_award(make_exam()))
    certificate = issue(run_jobs)
    address, name = f"/credentials/{certificate.code}", holder_of(award).person.name
    assert name in client.get(f"{address}.json").text
    assert len(erasure.holds_of(award.person_id, day_of(DECIDED))) == 2, "the level and the certificate"

    officer, late = make_member(Role.SECADMIN, "100000"), datetime(2035, 1, 1, tzinfo=UTC)
    with unit_of_work():
        request = erasure.request_erasure(by=holder_of(award).actor, at=late)
        erasure.decide_erasure(request, grant=True, answer="y", by=officer.actor, at=late, real_at=clock.real_now())

    assert request.state is ErasureState.DONE
    assert [client.get(f"{address}{form}").status_code for form in ("", ".json", ".pdf")] == [404] * 3
    session.expire_all()
    kept = session.get_one(Certificate, certificate.id)
    assert name not in f"{kept.fields}{kept.document}{kept.credential}"
    assert kept.number == award.unified_number, "what was issued stays countable"
