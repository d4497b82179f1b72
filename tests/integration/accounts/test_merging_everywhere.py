"""Joining two records moves what each room keeps, or ends in a rule that the room declares."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.accounts import services
from app.accounts.models import Account, Passkey, PasswordReset, PastPassword, Person, RecoveryCode
from app.accounts.rights import Claim, Erasure
from app.accounts.services import consents, erasure, merging
from app.accounts.services.people import totp_secret, unseal_field
from app.accounts.states import ErasureState, ResetWay, Role
from app.assessment.certification.models import AwardInvolvement
from app.assessment.exams.models import Registration, ScriptMark, TaskMarker
from app.ballots.models import BallotVoter
from app.cases.desk import expected as expected_of_cases
from app.cases.models import Case, CaseAuthor, CaseBarred
from app.cases.queries.notices import is_to, notices_of
from app.cases.queries.restrictions import in_force, restricted, restriction
from app.cases.services import authors, confirm_receipt
from app.cases.states import BY_NAME, Protection
from app.core import clock
from app.core.db import Base, session, unit_of_work
from app.core.errors import ConflictError
from app.core.events import Event, Subject
from app.core.room import rooms
from app.desk.models import Notice, NoticeChoice, NoticeRhythm, Todo
from app.desk.states import Channel, Rhythm
from app.evidence.models import CounterpartyRequest, Evidence
from app.evidence.services import counterparty
from app.evidence.states import Kind
from app.panels.models.draws import Recusal, RecusalFinding, SeedShare
from app.panels.queries.scope import recused
from app.panels.services.pools import Profile, nominate
from app.panels.states import Conflict, Field, Title
from app.rulebook.models import PackEdit
from tests.factories.accounts import MADE_AT, SHANDONG, Member, make_member, open_session
from tests.factories.ballots import make_called
from tests.factories.cases import NOW, accepted, again, make_clocks, make_complaint, make_officer, restrict
from tests.factories.certification import make_award, make_candidate, make_exam
from tests.factories.evidence import AT, BUYER, make_declared, publish_checks
from tests.factories.marking import add_seeds, claim, make_written
from tests.factories.panels import make_office, make_panel
from tests.factories.rulebook import make_draft as make_pack

SUBJECT = Subject("thing", "t-1")
NEVER_TWICE = {"award.person_id": "a result belongs to the sitting of one person"}
"""Unique with the person, yet two people can never hold it."""


def test_every_table_with_one_row_a_person_declares_what_a_merge_does(app: Flask) -> None:
    del app
    rules = {name for room in rooms() for name in room.merges}
    unique = {
        f"{column.table.name}.{column.name}"
        for column in merging.references()
        if list(merging.unique_with(column.table, column))
        or any(index.unique and column.name in index.columns for index in column.table.indexes)
    }
    assert unique - rules - set(NEVER_TWICE) == set(), "a room forgot to say what a merge does"


def test_every_sealed_field_of_a_person_is_sealed_anew_or_dropped(app: Flask) -> None:
    del app
    ruled = {name.split(".")[0] for room in rooms() for name in room.merges} | {"person"}
    ruled |= {"counterparty_request"}  # by the rule of the records it belongs to
    sealed = {
        table.name
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("sealed") and column.name != "sealed_at"
    }
    by_person = {name for name in sealed if "person_id" in Base.metadata.tables[name].columns}
    assert by_person - ruled == set()


Pair = tuple[Member, Member]


@pytest.fixture
def pair(app: object) -> Pair:
    """Give the two records of one human being: the second was brought in without a document."""
    del app
    kept, gone = make_member(Role.TRAINEE), make_member(Role.TRAINEE)
    with unit_of_work():
        empty = {"identity_kind": None, "identity_sealed": None, "identity_index": None}
        session.execute(update(Person).where(Person.id == gone.person.id).values(**empty))
    session.expire_all()
    return kept, gone


def join(pair: Pair) -> None:
    first, second = make_member(Role.SECADMIN, "100000"), make_member(Role.SECADMIN, "100000")
    kept, gone = (session.get_one(Person, one.person.id) for one in pair)
    with unit_of_work():
        merge = merging.propose_merge(kept, gone, reasons="r", by=first.actor, at=MADE_AT)
        merging.confirm_merge(merge, answer="y", by=second.actor, at=MADE_AT, real_at=clock.real_now())
    session.expire_all()


def give_factors(member: Member) -> None:
    person = member.person
    with unit_of_work():
        account = services.add_account(
            session.get_one(Person, person.id), None, password_hash="x", totp_secret="JBSWY3DPEHPK3PXP", at=MADE_AT
        )
        services.make_recovery_codes(account, by=member.actor, at=MADE_AT)
        key = person.code.encode()
        session.add(Passkey(person_id=person.id, credential=key, public_key=b"k", name="key", added_at=MADE_AT))
        session.add(PastPassword(person_id=person.id, password_hash="old", replaced_at=MADE_AT))
        session.add(PasswordReset(person_id=person.id, way=ResetWay.MAIL, asked_at=MADE_AT))
    open_session(member)


def count(model: type[Base], member: Member) -> int:
    column = model.__table__.c.person_id
    return session.scalar(select(func.count()).select_from(model).where(column == member.person.id)) or 0


def test_of_two_accounts_the_factors_of_the_one_that_goes_open_nothing(pair: Pair) -> None:
    kept, gone = pair
    give_factors(kept)
    give_factors(gone)
    join(pair)
    assert [count(model, gone) for model in (Account, Passkey, RecoveryCode, PastPassword, PasswordReset)] == [0] * 5
    assert count(Passkey, kept) == count(Account, kept) == 1
    assert count(RecoveryCode, kept) == 10


def test_where_only_the_other_has_an_account_its_factors_move_with_it(pair: Pair) -> None:
    kept, gone = pair
    give_factors(gone)
    join(pair)
    account = session.scalars(select(Account)).one()
    assert (account.person_id, totp_secret(account)) == (kept.person.id, "JBSWY3DPEHPK3PXP")
    assert (count(Passkey, kept), count(RecoveryCode, kept), count(PasswordReset, kept)) == (1, 10, 0)


def test_what_both_records_hold_once_stands_once(pair: Pair) -> None:
    kept, gone = pair
    award = make_award(make_exam())
    pack = make_pack()
    event = session.scalars(select(Event.id).limit(1)).one()
    with unit_of_work():
        for member in pair:
            one = member.person.id
            consents.give_consent(consents.PUBLISH_NAME, by=member.actor, at=MADE_AT)
            erasure.request_erasure(by=member.actor, at=MADE_AT)
            told = {"subject_type": "x", "subject_code": "y", "url": "/", "label": {}, "at": MADE_AT}
            session.add(Notice(event_id=event, kind="k", person_id=one, **told))
            session.add(NoticeChoice(person_id=one, kind="k", channel=Channel.MAIL, wanted=member is kept))
            session.add(NoticeRhythm(person_id=one, rhythm=Rhythm.DAILY))
            session.add(PackEdit(pack_id=pack.id, person_id=one, typed={}, changed_at=MADE_AT))
            session.add(AwardInvolvement(award_id=award.id, person_id=one, how="trained"))
    join(pair)
    for model in (Notice, NoticeChoice, NoticeRhythm, PackEdit, AwardInvolvement):
        assert (count(model, kept), count(model, gone)) == (1, 0), model
    assert session.scalars(select(NoticeChoice.wanted)).all() == [True]
    states = session.scalars(select(Erasure.state).order_by(Erasure.id)).all()
    assert states == [ErasureState.REQUESTED, ErasureState.WITHDRAWN]


def test_what_is_sealed_can_be_read_under_the_key_of_the_record_that_stays(pair: Pair) -> None:
    kept, gone = pair
    publish_checks()
    make_clocks()
    record = make_declared(Kind.CONTRACT, gone)
    with unit_of_work():
        held = session.get_one(Evidence, record.id)
        counterparty.ask(held, party=BUYER, email="buyer@demo.example", by=gone.actor, at=AT, real=clock.real_now())
    case = make_complaint(gone.actor)
    with unit_of_work():
        found = session.get_one(Case, case.id)
        found.protection, found.raised_by_id = Protection.SEALED, None
        authors.seal_author(found, gone.actor)
    join(pair)

    assert session.get_one(Evidence, record.id).person_id == kept.person.id, "a declared record follows its person"
    request = session.scalars(select(CounterpartyRequest)).one()
    person = session.get_one(Person, kept.person.id)
    assert unseal_field(person, request.email_sealed or b"", counterparty.ADDRESS) == "buyer@demo.example"
    author = session.scalars(select(CaseAuthor)).one()
    assert authors.person_id_of(author) == kept.person.id
    assert authors.name_of(author) == gone.person.name
    assert authors.is_author(session.get_one(Case, case.id), kept.actor)


def test_a_declared_record_is_given_to_nobody_else(pair: Pair) -> None:
    kept, gone = pair
    publish_checks()
    record = make_declared(Kind.CONTRACT, gone)
    with pytest.raises(Exception, match="never changed"), unit_of_work():
        session.execute(update(Evidence).where(Evidence.id == record.id).values(person_id=kept.person.id))


def test_nobody_escapes_a_restriction_a_recusal_or_a_bar_by_a_merge(pair: Pair) -> None:
    kept, gone = pair
    make_clocks()
    case = make_complaint(make_member(Role.TRAINEE).actor)
    restrict("certification.award", gone.person)
    with unit_of_work():
        session.add(CaseBarred(case_id=case.id, person_id=gone.person.id, why="decided"))
        words = {"kind": Conflict.UNIT, "reason": "r", "at": MADE_AT}
        session.add(Recusal(person_id=gone.person.id, subject_type=SUBJECT.type, subject_code=SUBJECT.code, **words))
    join(pair)
    today = clock.today()
    assert in_force("certification.award", on=today, person_id=kept.person.id)
    assert set(restricted("certification.award", [kept.person.id], on=today)) == {kept.person.id}
    assert recused(kept.person.id, SUBJECT)
    barred = set(session.scalars(select(CaseBarred.person_id).where(CaseBarred.case_id == case.id)))
    assert {kept.person.id, gone.person.id} <= barred


def test_notices_and_restrictions_of_the_record_that_goes_are_those_of_the_one_that_stays(pair: Pair) -> None:
    kept, gone = pair
    make_clocks()
    officer = make_officer()
    case = accepted(make_complaint(gone.actor), officer)
    found = restrict("certification.award", gone.person)
    join(pair)
    case = again(case)

    (served,) = notices_of(case)
    assert is_to(served.notice, kept.actor, author=False)
    assert restriction(found.code, kept.actor).id == found.id
    assert {one.person_id for one in expected_of_cases() if one.kind == "cases.read"} == {kept.person.id}
    with unit_of_work():
        confirm_receipt(case, served.notice, by=kept.actor, at=NOW)
    assert not [one for one in expected_of_cases() if one.kind == "cases.read"]
    open_ = select(Todo).where(Todo.kind == "cases.read", Todo.closed_at.is_(None))
    assert session.scalars(open_).all() == [], "what waited for the record that goes is done"


def test_a_sure_recusal_of_the_record_that_goes_outlasts_another_person_found_for_the_other(pair: Pair) -> None:
    kept, gone = pair
    with unit_of_work():
        words = {"kind": Conflict.UNIT, "subject_type": SUBJECT.type, "subject_code": SUBJECT.code, "at": MADE_AT}
        by_name = Recusal(person_id=kept.person.id, reason=BY_NAME, **words)
        session.add_all([by_name, Recusal(person_id=gone.person.id, reason="r", **words)])
        session.flush()
        session.add(RecusalFinding(recusal_id=by_name.id, same=False, reason="r", at=MADE_AT))
    assert not recused(kept.person.id, SUBJECT)

    join(pair)

    assert recused(kept.person.id, SUBJECT)


def both_claimed(pair: Pair) -> None:
    with unit_of_work():
        session.add_all(Claim(person_id=one.person.id, claimed_at=MADE_AT) for one in pair)


def both_in_a_pool(pair: Pair) -> None:
    office = make_office()
    with unit_of_work():
        for one in pair:
            profile = Profile(Field.LAW, Title.SENIOR, "unit", SHANDONG)
            nominate(office.pool, one.person, profile, by=office.secretary.actor, at=MADE_AT)


def both_in_a_draw(pair: Pair) -> None:
    panel = make_panel(make_office())
    with unit_of_work():
        for place, one in enumerate(pair):
            session.add(
                SeedShare(
                    panel_id=panel.id,
                    attempt=1,
                    person_id=one.person.id,
                    office=False,
                    commitment=str(place) * 64,
                    committed_at=MADE_AT,
                )
            )


def both_in_a_ballot(pair: Pair) -> None:
    house = make_called()
    with unit_of_work():
        for one in pair:
            session.add(BallotVoter(ballot_id=house.ballot.id, person_id=one.person.id, open_questions=1))


def both_in_an_exam(pair: Pair) -> None:
    exam = make_exam()
    first, second = make_candidate(exam), make_candidate(exam)
    for one, candidate in zip(pair, (first, second), strict=True):
        own = Registration.person_id == candidate.member.person.id
        with unit_of_work():
            session.execute(update(Registration).where(own).values(person_id=one.person.id))


def both_marked_an_exam(pair: Pair) -> None:
    made = make_written()
    add_seeds(made, made.essay)
    marks = [claim(made.essay, member) for member in (made.one, made.two)]
    for one, mark, marker in zip(pair, marks, (made.one, made.two), strict=True):
        moved = {"marked_by_id": one.person.id}
        with unit_of_work():
            session.execute(update(ScriptMark).where(ScriptMark.id == mark.id).values(**moved))
            session.execute(update(TaskMarker).where(TaskMarker.marked_by_id == marker.person.id).values(**moved))


def one_is_being_erased(pair: Pair) -> None:
    with unit_of_work():
        asked = erasure.request_erasure(by=pair[1].actor, at=MADE_AT)
        second = make_person_officer()
        asked.state, asked.decided_by_id, asked.decided_at = ErasureState.LIMITED, second, MADE_AT


def make_person_officer() -> int:
    return session.scalars(select(Person.id).where(Person.id.not_in(select(Erasure.person_id))).limit(1)).one()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (both_claimed, "认领"),
        (both_in_a_pool, "专家库"),
        (both_in_a_draw, "抽取"),
        (both_in_a_ballot, "投票"),
        (both_in_an_exam, "报名考试"),
        (both_marked_an_exam, "评阅过同一场考试"),
        (one_is_being_erased, "正在删除"),
    ],
)
def test_two_that_cannot_be_one_are_refused_with_the_reason(
    pair: Pair, given: Callable[[Pair], None], said: str
) -> None:
    given(pair)
    with pytest.raises(ConflictError, match=said):
        join(pair)
    assert session.get_one(Person, pair[1].person.id).merged_into_id is None, "nothing was moved"
