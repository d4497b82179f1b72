"""Credit repair: after the minimum, with commitment and proof; then nothing of the record is used any more."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select

from app.accounts.states import Role
from app.assessment.credit import services
from app.assessment.credit.models import CreditRepair
from app.assessment.credit.queries import ratings
from app.assessment.credit.queries import records as queries
from app.assessment.credit.services.repairs import TYPE, Decision
from app.assessment.credit.states import Gravity, RecordState, RepairState
from app.cases.queries import restrictions
from app.cases.services import lift
from app.core.clock import day_of
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Subject
from app.rulebook.queries.records import decisions_on
from app.rulebook.verdicts import Outcome
from tests.factories.accounts import make_member
from tests.factories.credit import NOW, again, asked, days, decided, entry, make_file, make_record, rated
from tests.integration.credit.conftest import Field

DETERMINED = date(2026, 5, 4)
OPEN = days((date(2027, 5, 4) - day_of(NOW)).days)
"""The first instant at which a serious record of that day can be repaired."""


def test_a_repair_ends_publication_use_and_restrictions_and_rates_again(field: Field) -> None:
    record = make_record(field.subject.person, field.officers, entry(Gravity.SERIOUS, on=DETERMINED))
    before = rated(field.subject.person, field.officers[0])
    assert before.grade == "D"
    repair = asked(record, field.subject, at=OPEN)

    decided(repair, field.officers[0], at=OPEN)

    record = again(record)
    today = day_of(OPEN)
    assert (record.state, record.repaired_on) == (RecordState.REPAIRED, today)
    assert queries.published(on=today, known_at=OPEN)[0] == []
    assert not queries.in_use([record.person_id], on=today, known_at=OPEN)
    assert restrictions.restricted("accounts.membership", [record.person_id], on=today) == {}
    last = ratings.latest(record.person_id)
    assert last is not None
    assert (last.grade, last.id > before.id) == ("A", True)
    (decision,) = decisions_on("credit_repair", Subject(TYPE, repair.code))
    assert decision.outcome is Outcome.MET


def test_a_repair_is_possible_from_the_day_and_the_refusal_names_it(field: Field) -> None:
    record = make_record(field.subject.person, field.officers, entry(Gravity.SERIOUS, on=DETERMINED))

    with pytest.raises(InvalidError, match="2027-05-04"):
        asked(record, field.subject, at=OPEN - timedelta(days=1))
    assert asked(record, field.subject, at=OPEN).state is RepairState.APPLIED


def test_only_the_subject_applies_once_and_never_for_a_positive_record(field: Field) -> None:
    record = make_record(field.subject.person, field.officers, entry(Gravity.MINOR))
    with pytest.raises(ForbiddenError):
        asked(record, make_member(Role.TRAINEE), at=NOW)
    asked(record, field.subject, at=NOW)
    with pytest.raises(ConflictError):
        asked(record, field.subject, at=NOW)
    with pytest.raises(ConflictError):
        asked(make_record(field.subject.person, field.officers, entry(None)), field.subject, at=NOW)


def test_an_application_says_its_commitment_and_a_decision_its_reason(field: Field) -> None:
    record = make_record(field.subject.person, field.officers, entry(Gravity.MINOR))
    with unit_of_work():
        proof = make_file()
    with pytest.raises(InvalidError) as refused, unit_of_work():
        services.apply_for_repair(again(record), commitment=" ", proof=proof, by=field.subject.actor, at=NOW)
    assert refused.value.field == "commitment"

    officer, silent = field.officers[0].actor, Decision(granted=False, corrected=False, reason=" ")
    found, about = queries.repair(asked(record, field.subject, at=NOW).code, officer)
    with pytest.raises(InvalidError) as refused, unit_of_work():
        services.decide_repair(found, about, silent, by=officer, at=NOW)
    assert refused.value.field == "reason"
    assert [one.state for one in queries.repairs_of(again(record))] == [RepairState.APPLIED]


def test_the_schema_keeps_one_open_application_a_record(field: Field) -> None:
    record = make_record(field.subject.person, field.officers, entry(Gravity.MINOR))
    first = asked(record, field.subject, at=NOW)
    row = {
        name: getattr(first, name)
        for name in ("record_id", "commitment", "proof_id", "state", "asked_by_id", "asked_at")
    }

    with pytest.raises(ConflictError), unit_of_work():
        session.execute(insert(CreditRepair), [{**row, "code": "another"}])


def test_an_officer_grants_only_what_was_checked_and_nobody_their_own(field: Field) -> None:
    record = make_record(field.subject.person, field.officers, entry(Gravity.MINOR))
    repair = asked(record, field.subject, at=NOW)
    with pytest.raises(InvalidError) as refused:
        decided(repair, field.officers[0], corrected=False, at=NOW)
    assert refused.value.field == "corrected"

    own = make_member(Role.CREDIT, person=field.subject.person)
    with pytest.raises(ForbiddenError):
        decided(repair, own, at=NOW)
    assert again(record).state is RecordState.CONFIRMED


def test_a_refusal_keeps_the_record_and_a_new_application_may_follow(field: Field) -> None:
    record = make_record(field.subject.person, field.officers, entry(Gravity.MINOR))
    decided(asked(record, field.subject, at=NOW), field.officers[0], granted=False, corrected=False, at=NOW)

    assert again(record).state is RecordState.CONFIRMED
    asked(record, field.subject, at=days(1))
    assert [one.state for one in queries.repairs_of(again(record))] == [RepairState.APPLIED, RepairState.REFUSED]


def test_two_officers_at_once_decide_once(field: Field) -> None:
    repair = asked(make_record(field.subject.person, field.officers, entry(Gravity.MINOR)), field.subject, at=NOW)
    decided(repair, field.officers[0], at=NOW)

    with pytest.raises(ConflictError):
        decided(repair, field.officers[1], at=NOW)
    assert len(session.scalars(select(CreditRepair)).all()) == 1


def test_what_somebody_lifted_before_does_not_stand_in_the_way(field: Field) -> None:
    record = make_record(field.subject.person, field.officers, entry(Gravity.SERIOUS, on=DETERMINED))
    (first,) = restrictions.in_force("certification.award", on=day_of(OPEN), person_id=record.person_id)
    with unit_of_work():
        lift(first, reason="更正。", lifted_on=day_of(OPEN), by=None, at=OPEN)

    decided(asked(record, field.subject, at=OPEN), field.officers[0], at=OPEN)

    assert restrictions.restricted("accounts.membership", [record.person_id], on=day_of(OPEN)) == {}


def test_a_repair_is_kept_for_the_past_and_gone_for_the_present(field: Field) -> None:
    record = make_record(field.subject.person, field.officers, entry(Gravity.MINOR))
    decided(asked(record, field.subject, at=days(5)), field.officers[0], at=days(5))

    before = queries.in_use([record.person_id], on=day_of(days(5)), known_at=days(4))
    after = queries.in_use([record.person_id], on=day_of(days(5)), known_at=days(5))
    earlier_day = queries.in_use([record.person_id], on=day_of(days(4)), known_at=days(5))

    assert (bool(before), bool(after), bool(earlier_day)) == (True, False, True)
