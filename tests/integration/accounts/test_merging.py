"""Two records of one human being: joined by two administrators, with all their references, or kept apart."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts import queries, services
from app.accounts.models import Account, Membership, Person
from app.accounts.rights import ContactChange, PersonMerge
from app.accounts.services import consents, contacts, merging
from app.accounts.services.people import seal_field, totp_secret
from app.accounts.states import MergeState, ResetWay, Role
from app.core import clock, post
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Event
from app.courses.models import Cohort, CohortLecturer, Enrolment
from tests.factories.accounts import MADE_AT, SHANDONG, Member, make_member, make_person
from tests.factories.courses import make_cohort, make_school
from tests.submit import submit

Browser = Callable[..., FlaskClient]


@pytest.fixture
def admins(app: object) -> tuple[Member, Member]:
    del app
    return make_member(Role.SECADMIN, "100000"), make_member(Role.SECADMIN, "100000")


def without_document(name: str = "沈知行", phone: str = "13700000001") -> Person:
    """Make a record that somebody brought in by a telephone number only."""
    with unit_of_work():
        return services.add_person(name=name, phone=phone, at=MADE_AT)


def propose(kept: Person, gone: Person, by: Member) -> PersonMerge:
    with unit_of_work():
        return merging.propose_merge(
            queries.person(kept.code), queries.person(gone.code), reasons="同名同号", by=by.actor, at=MADE_AT
        )


def confirm(merge: PersonMerge, by: Member) -> None:
    with unit_of_work():
        found = session.get_one(PersonMerge, merge.id)
        merging.confirm_merge(found, answer="核对无误", by=by.actor, at=MADE_AT, real_at=clock.real_now())
    session.expire_all()


def test_two_administrators_join_two_records_with_everything_that_refers_to_them(
    admins: tuple[Member, Member], browser_of: Browser
) -> None:
    first, second = (browser_of(one) for one in admins)
    kept, gone = make_person(name="沈知行", phone="13700000009"), without_document()
    make_member(Role.TRAINEE, SHANDONG, person=gone)
    events_before = session.scalar(select(func.count()).select_from(Event).where(Event.subject_code == gone.code))

    made = submit(first, "/people/merges", kept=kept.code, gone="13700000001", reasons="同一人两次录入")
    assert made.status_code == 302, made.text
    page = first.get(made.location).text
    assert "13700****0001" in page or "0001" in page
    assert "另一位管理员" in page, "whoever proposed it is not offered the decision"
    own = submit(first, f"{made.location}/join", page="/people/merges", answer="我自己")
    assert own.status_code == 403
    assert submit(second, f"{made.location}/join", page=made.location, answer="").status_code == 422
    done = submit(second, f"{made.location}/join", page=made.location, answer="证件核对无误")
    assert done.status_code == 302, done.text

    session.expire_all()
    row = session.get_one(Person, gone.id)
    assert (row.merged_into_id, row.data_key, row.phone_index) == (kept.id, None, None)
    assert session.scalars(select(Membership.person_id).where(Membership.role == Role.TRAINEE)).all() == [kept.id]
    assert "membership.person_id" in second.get(made.location).text
    assert merging.ids_of(kept.id) == [kept.id, gone.id]
    after = session.scalar(select(func.count()).select_from(Event).where(Event.subject_code == gone.code))
    assert after == events_before, "the log keeps the old code"
    assert "已合并" in first.get("/people/merges").text
    again = submit(second, f"{made.location}/join", page="/people/merges", answer="再次")
    assert again.status_code == 409


def test_every_reference_to_a_person_is_found_in_every_room() -> None:
    found = {f"{column.table.name}.{column.name}" for column in merging.references()}
    assert found >= {"account.person_id", "enrolment.person_id", "todo.person_id", "cohort.created_by_id"}
    assert not any(name.startswith(("event.", "class_hour.", "person_merge.")) for name in found)


def test_what_only_the_other_record_knows_is_taken_over(admins: tuple[Member, Member]) -> None:
    kept, gone = without_document(), make_person(name="沈知行", email="only.here@demo.example", phone="13700000002")
    number = services.open_field(gone, "person.identity")
    with unit_of_work():
        services.add_account(gone, None, password_hash="x", totp_secret="JBSWY3DPEHPK3PXP", at=MADE_AT)
    confirm(propose(kept, gone, admins[0]), admins[1])
    person = queries.person(kept.code)
    assert services.open_field(person, "person.identity") == number
    assert services.open_field(person, "person.email") == "only.here@demo.example"
    assert services.open_field(person, "person.phone") == "+8613700000001", "what it knew itself stays"
    found = queries.account_by_name("only.here@demo.example")
    assert found is not None
    assert found.person_id == kept.id
    assert totp_secret(found) == "JBSWY3DPEHPK3PXP", "the second factor still opens"


def test_a_contact_taken_over_is_told_and_opens_no_reset_for_some_days(
    admins: tuple[Member, Member], run_jobs: Callable[[], int]
) -> None:
    kept, gone = without_document(), make_person(name="沈知行", email="only.here@demo.example", phone="13700000002")
    confirm(propose(kept, gone, admins[0]), admins[1])
    now = clock.real_now()
    assert contacts.rests(kept.id, ResetWay.MAIL, now)
    assert not contacts.rests(kept.id, ResetWay.SMS, now), "what it knew itself rests no more than before"
    told = session.scalars(select(Event).where(Event.kind == "accounts.contact_corrected")).one()
    assert (told.subject_code, told.actor_id, told.data["way"]) == (kept.code, admins[1].person.id, "mail")
    run_jobs()
    assert "+8613700000001" in [one.to for one in post.in_memory()]


@pytest.mark.parametrize("gone_way", [ResetWay.MAIL, ResetWay.SMS])
def test_what_the_other_record_changed_moves_and_ends_no_rest(
    admins: tuple[Member, Member], gone_way: ResetWay
) -> None:
    kept, gone = make_person(name="沈知行"), without_document()
    now = clock.real_now()
    by = admins[0].actor
    with unit_of_work():
        contacts.set_contact(queries.person(kept.code), ResetWay.MAIL, "a@demo.example", reason="r", by=by, at=now)
        proved = ContactChange(
            person_id=gone.id,
            way=gone_way,
            secret=b"x" * 32,
            asked_at=now,
            expires_at=now,
            done_at=now,
            before_sealed=seal_field(queries.person(gone.code), "old@demo.example", contacts.BEFORE),
        )
        session.add(proved)
    confirm(propose(kept, gone, admins[0]), admins[1])
    assert contacts.rests(kept.id, ResetWay.MAIL, now)
    moved = session.scalars(select(ContactChange).where(ContactChange.code == proved.code)).all()
    assert [contacts.address_before(one, queries.person(kept.code)) for one in moved] == (
        [] if gone_way is ResetWay.MAIL else ["old@demo.example"]
    )


def test_of_two_accounts_the_one_of_the_record_that_stays_is_kept(admins: tuple[Member, Member]) -> None:
    kept, gone = make_person(), without_document()
    for person, password in ((kept, "kept"), (gone, "gone")):
        with unit_of_work():
            services.add_account(queries.person(person.code), None, password_hash=password, at=MADE_AT)
            actor = make_member(Role.TRAINEE, person=person).actor
            consents.give_consent("accounts.publish_name", by=actor, at=MADE_AT)
    confirm(propose(kept, gone, admins[0]), admins[1])
    assert [one.password_hash for one in session.scalars(select(Account))] == ["kept"]
    standing = [one for one in consents.consents_of(kept.id) if one.withdrawn_at is None]
    assert len(standing) == 1


def test_records_with_two_identity_numbers_are_never_joined(admins: tuple[Member, Member]) -> None:
    with pytest.raises(ConflictError, match="证件号码不同"):
        propose(make_person(), make_person(), admins[0])


def test_a_merge_cannot_be_of_oneself_or_of_one_record(admins: tuple[Member, Member]) -> None:
    first, second = admins
    other = without_document()
    with pytest.raises(InvalidError):
        propose(other, other, first)
    with pytest.raises(ForbiddenError):
        propose(first.person, other, first)
    merge = propose(second.person, other, first)
    assert propose(other, second.person, first).id == merge.id, "the same two wait once"
    with pytest.raises(ForbiddenError):
        confirm(merge, second)
    trainee = make_member(Role.TRAINEE)
    with pytest.raises(ForbiddenError):
        propose(make_person(), other, trainee)


def test_a_declined_proposal_keeps_both(admins: tuple[Member, Member], browser_of: Browser) -> None:
    kept, gone = make_person(), without_document()
    merge = propose(kept, gone, admins[0])
    browser = browser_of(admins[1])
    path = f"/people/merges/{merge.code}"
    assert submit(browser, f"{path}/apart", page=path, answer="两个人").status_code == 302
    session.expire_all()
    assert session.get_one(PersonMerge, merge.id).state is MergeState.DECLINED
    assert session.get_one(Person, gone.id).merged_into_id is None
    nobody = submit(browser, "/people/merges", kept="nobody", gone=gone.code, reasons="?")
    assert nobody.status_code == 404
    assert submit(browser, "/people/merges", kept="", gone="", reasons="").status_code == 422
    assert browser.get("/people/merges/none").status_code == 404


def test_two_places_in_one_cohort_must_be_settled_first(admins: tuple[Member, Member]) -> None:
    school = make_school()
    cohort = make_cohort(school)
    kept, gone = make_person(), without_document()
    with unit_of_work():
        found = session.get_one(Cohort, cohort.id)
        for person in (kept, gone):
            session.add(
                Enrolment(
                    cohort_id=found.id, person_id=person.id, invited_at=MADE_AT, invited_by_id=school.base.person.id
                )
            )
            session.add(CohortLecturer(cohort_id=found.id, person_id=person.id))
    merge = propose(kept, gone, admins[0])
    with pytest.raises(ConflictError, match="enrolment"):
        confirm(merge, admins[1])
    assert session.get_one(Person, gone.id).merged_into_id is None, "nothing was moved"
    with unit_of_work():
        session.delete(session.scalars(select(Enrolment).where(Enrolment.person_id == gone.id)).one())
    confirm(merge, admins[1])
    lecturers = session.scalars(select(CohortLecturer.person_id).where(CohortLecturer.cohort_id == cohort.id)).all()
    assert lecturers.count(kept.id) == 1, "a room says what happens where both records stand"
