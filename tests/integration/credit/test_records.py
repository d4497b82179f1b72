"""Records: two officers, notice to the subject, corrections, objections, restrictions."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select, update

from app.accounts.states import Role
from app.assessment.credit import services
from app.assessment.credit.models import CreditRecord, CreditSanction
from app.assessment.credit.queries import ratings
from app.assessment.credit.queries import records as queries
from app.assessment.credit.states import Gravity, RecordState
from app.cases import services as cases
from app.cases.models import Case
from app.cases.queries import restrictions
from app.cases.services import Filing
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, DomainError, ForbiddenError, InvalidError
from app.core.events import timeline
from app.desk.models import Notice, Todo
from tests.factories.accounts import GUANGDONG, NATION, Member, make_member
from tests.factories.cases import again as case_again
from tests.factories.credit import NOW, again, confirmed, days, entered, entry, make_officers, make_record, rated
from tests.integration.credit.conftest import Field

ON = date(2026, 6, 1)


def object_to(record: CreditRecord, subject: Member, *, at: object = NOW) -> Case:
    with unit_of_work():
        filing = Filing("该认定与事实不符，请撤销。")
        return cases.open_case("credit.objection", record.code, filing, by=subject.actor, at=at)  # type: ignore[arg-type]


def hear(case: Case, judge: Member, *, upheld: bool, at: object = NOW) -> None:
    with unit_of_work():
        cases.accept(case_again(case), by=judge.actor, at=at)  # type: ignore[arg-type]
    with unit_of_work():
        cases.decide(case_again(case), upheld=upheld, reasons="经查。", by=judge.actor, at=at)  # type: ignore[arg-type]


def test_a_record_counts_only_after_a_second_officer_confirmed_it(field: Field) -> None:
    record = entered(field.subject.person, field.officers[0])

    with pytest.raises(ForbiddenError):
        confirmed(record, field.officers[0])
    assert not queries.in_use([field.subject.person.id], on=ON, known_at=days(1))

    confirmed(record, field.officers[1])

    assert [one.id for one in queries.in_use([field.subject.person.id], on=ON, known_at=NOW)[record.person_id]] == [
        record.id
    ]


@pytest.mark.parametrize("column", ["decided_by_id", "person_id"])
def test_the_schema_refuses_one_person_on_both_sides(field: Field, column: str) -> None:
    record = make_record(field.subject.person, field.officers)

    with pytest.raises(ConflictError), unit_of_work():
        session.execute(update(CreditRecord).values({column: record.entered_by_id}))


def test_the_second_officer_has_a_to_do_and_the_subject_a_notice(field: Field, run_jobs: Callable[[], int]) -> None:
    record = entered(field.subject.person, field.officers[0])
    (todo,) = session.scalars(select(Todo).where(Todo.kind == "credit.confirm"))
    assert (todo.role, todo.not_person_id, todo.closed_at) == (Role.CREDIT, field.officers[0].person.id, None)

    confirmed(record, field.officers[1])
    run_jobs()

    session.refresh(todo)
    assert todo.closed_at
    assert session.scalars(select(Notice.kind).where(Notice.person_id == field.subject.person.id)).all() == [
        "credit.confirmed"
    ]


def test_a_repeated_request_enters_one_record(field: Field) -> None:
    first = entered(field.subject.person, field.officers[0], token="same")

    assert entered(field.subject.person, field.officers[0], token="same").id == first.id


def test_nobody_enters_or_confirms_a_record_about_themselves(field: Field) -> None:
    with pytest.raises(ForbiddenError):
        entered(field.officers[0].person, field.officers[0])
    record = entered(field.officers[1].person, field.officers[0])
    with pytest.raises(ForbiddenError):
        confirmed(record, field.officers[1])


def test_an_officer_of_another_region_neither_sees_nor_confirms(field: Field) -> None:
    record = entered(field.subject.person, field.officers[0])
    stranger, _second = make_officers(GUANGDONG)

    with pytest.raises(DomainError):
        queries.record(record.code, stranger.actor)
    with pytest.raises(ForbiddenError):
        confirmed(record, stranger)


@pytest.mark.parametrize(
    ("given", "where"),
    [
        (entry(on=date(2026, 6, 2)), "effective_on"),
        (entry(until=date(2026, 5, 3)), "sanction_until"),
        (entry(Gravity.ORDINARY, publish_anyway=True), "publish_anyway"),
    ],
)
def test_an_entry_that_cannot_be_true_is_refused_beside_its_field(field: Field, given: object, where: str) -> None:
    with pytest.raises(InvalidError) as refused:
        entered(field.subject.person, field.officers[0], given)  # type: ignore[arg-type]

    assert refused.value.field == where


def test_a_record_that_is_not_confirmed_never_counts_and_says_why(field: Field) -> None:
    record = entered(field.subject.person, field.officers[0])
    with pytest.raises(InvalidError), unit_of_work():
        services.reject(again(record), reason=" ", by=field.officers[1].actor, at=NOW)

    with unit_of_work():
        services.reject(again(record), reason="材料不全。", by=field.officers[1].actor, at=NOW)

    assert not queries.in_use([record.person_id], on=ON, known_at=days(9))
    assert queries.own(field.subject.actor) == []
    with pytest.raises(ConflictError):
        confirmed(record, field.officers[1])


def test_a_correction_replaces_the_record_from_its_confirmation_on(field: Field) -> None:
    person = field.subject.person
    old = make_record(person, field.officers, entry(Gravity.SERIOUS))
    new = entered(person, field.officers[0], entry(Gravity.MINOR), corrects=old, at=days(3))
    assert again(old).state is RecordState.CONFIRMED

    confirmed(new, field.officers[1], at=days(4))

    assert again(old).state is RecordState.CORRECTED
    known = {at: queries.in_use([person.id], on=ON, known_at=days(at))[person.id] for at in (3, 4)}
    assert [one.id for one in known[3]] == [old.id]
    assert [one.id for one in known[4]] == [new.id]
    assert restrictions.in_force("certification.award", on=days(4).date(), person_id=person.id) == []


def test_a_record_is_corrected_once_at_a_time_and_about_the_same_person(field: Field) -> None:
    old = make_record(field.subject.person, field.officers)
    with pytest.raises(InvalidError):
        entered(make_member(Role.TRAINEE).person, field.officers[0], corrects=old)
    entered(field.subject.person, field.officers[0], corrects=old)

    with pytest.raises(ConflictError):
        entered(field.subject.person, field.officers[1], corrects=old)


def test_a_serious_record_restricts_until_its_last_day_in_every_room(field: Field) -> None:
    record = make_record(field.subject.person, field.officers, entry(Gravity.SERIOUS, on=date(2026, 5, 4)))

    for kind in ("certification.award", "accounts.membership"):
        (found,) = restrictions.in_force(kind, on=ON, person_id=record.person_id)
        assert found.ends_on == date(2029, 5, 3)
    with pytest.raises(ForbiddenError):
        restrictions.refuse_if_restricted("certification.award", on=ON, person_id=record.person_id)


@pytest.mark.parametrize("given", [entry(Gravity.ORDINARY), entry(None), entry(Gravity.SERIOUS, on=date(2022, 1, 1))])
def test_what_is_not_serious_or_has_run_out_restricts_nobody(field: Field, given: object) -> None:
    make_record(field.subject.person, field.officers, given)  # type: ignore[arg-type]

    assert session.scalars(select(CreditSanction)).all() == []


def test_an_objection_marks_the_record_at_once_and_upheld_withdraws_it(field: Field) -> None:
    record = make_record(field.subject.person, field.officers, entry(Gravity.SERIOUS))
    rated(field.subject.person, field.officers[0])

    case = object_to(record, field.subject)

    (life,) = queries.lives([again(record)], on=ON, known_at=NOW)
    assert life.disputed
    hear(case, make_member(Role.REGULATOR), upheld=True, at=days(2))
    assert again(record).state is RecordState.WITHDRAWN
    assert queries.disputed_codes([record.code]) == set()
    assert restrictions.in_force("certification.award", on=days(2).date(), person_id=record.person_id) == []
    last = ratings.latest(record.person_id)
    assert last is not None
    assert last.grade == "A"


def test_a_rejected_objection_changes_nothing(field: Field) -> None:
    record = make_record(field.subject.person, field.officers)

    hear(object_to(record, field.subject), make_member(Role.REGULATOR), upheld=False)

    assert again(record).state is RecordState.CONFIRMED


def test_only_the_subject_objects_and_one_objection_is_open_at_a_time(field: Field) -> None:
    record = make_record(field.subject.person, field.officers)
    with pytest.raises(ForbiddenError):
        object_to(record, make_member(Role.TRAINEE))
    object_to(record, field.subject)

    with pytest.raises(ForbiddenError):
        object_to(record, field.subject)


def test_an_officer_who_made_the_record_does_not_decide_the_objection(field: Field) -> None:
    regulator = make_member(Role.REGULATOR, person=field.officers[1].person)
    record = make_record(field.subject.person, field.officers)
    case = object_to(record, field.subject)

    with pytest.raises(ForbiddenError):
        hear(case, regulator, upheld=True)


def test_a_higher_rung_that_reverses_enters_the_record_anew_and_leaves_the_gap(field: Field) -> None:
    person = field.subject.person
    record = make_record(person, field.officers, entry(Gravity.SERIOUS))
    case = object_to(record, field.subject)
    hear(case, make_member(Role.REGULATOR), upheld=True, at=days(1))
    with unit_of_work():
        appeal = cases.appeal(case_again(case), Filing("请说明理由。"), by=field.subject.actor, at=days(2))

    hear(appeal, make_member(Role.REGULATOR, NATION), upheld=True, at=days(3))

    (copy,) = queries.in_use([person.id], on=ON, known_at=days(3))[person.id]
    assert (copy.corrects_id, copy.state) == (record.id, RecordState.CONFIRMED)
    assert not queries.in_use([person.id], on=ON, known_at=days(2))
    assert restrictions.in_force("certification.award", on=days(3).date(), person_id=person.id)
    with pytest.raises(ConflictError), unit_of_work():
        services.reinstate(queries.by_code(copy.code), by=field.officers[0].actor, at=days(4))


def test_a_disputed_record_that_was_corrected_meanwhile_is_left_as_it_is(field: Field) -> None:
    record = make_record(field.subject.person, field.officers)
    case = object_to(record, field.subject)
    confirmed(entered(field.subject.person, field.officers[0], corrects=record), field.officers[1], at=days(1))

    hear(case, make_member(Role.REGULATOR), upheld=True, at=days(2))

    assert again(record).state is RecordState.CORRECTED


def test_a_positive_record_adds_until_its_honour_ends(field: Field) -> None:
    record = make_record(field.subject.person, field.officers, entry(None, until=date(2026, 6, 30)))

    for on, used in ((date(2026, 6, 30), True), (date(2026, 7, 1), False)):
        assert bool(queries.in_use([record.person_id], on=on, known_at=NOW)) is used
        (life,) = queries.lives([record], on=on, known_at=NOW)
        assert (life.used, life.published) == (used, False)


def test_events_hold_codes_and_no_personal_field(field: Field) -> None:
    record = make_record(field.subject.person, field.officers)

    for event in timeline(queries.subject(record)):
        assert set(event.data) <= {"file", "corrects"}
        assert field.subject.person.name not in str(event.data)


def test_a_confirmation_without_a_pack_in_force_names_what_is_missing(app: object) -> None:
    del app
    officers = make_officers()
    person = make_member(Role.TRAINEE).person

    with pytest.raises(InvalidError):
        make_record(person, officers)
    assert queries.in_use([person.id], on=ON, known_at=NOW) == {}


def test_a_desk_and_its_file_hold_the_records_of_the_region_only(field: Field) -> None:
    record = make_record(field.subject.person, field.officers)
    elsewhere, above = make_officers(GUANGDONG)[0], make_member(Role.REGULATOR, NATION)
    seen = {field.officers[0]: [record.code], above: [record.code], elsewhere: []}

    for who, codes in seen.items():
        assert [one.code for one in queries.desk(who.actor, queries.Wanted()).rows] == codes
        assert [one.code for one in queries.export(who.actor, queries.Wanted())] == codes
