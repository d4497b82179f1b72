"""Who was erased is found by nobody, however it is typed; two records that are one person are found once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import ColumnElement, func, select, update

from app.accounts.models import Person
from app.accounts.rights import Erasure, PersonMerge
from app.accounts.services.people import correct_name
from app.accounts.states import ErasureState, Role
from app.assessment.certification.models import Award
from app.cases.desk import expected as of_cases
from app.cases.services import clocks
from app.core import clock
from app.core.db import session, unit_of_work
from app.core.events import Subject
from app.core.room import rooms
from app.courses.models import CohortLecturer
from app.desk import services as desk
from app.desk.kinds import Expected
from app.desk.models import SearchDocument, SearchPosting, Todo
from app.desk.queries import todos_of
from app.evidence.states import Kind
from app.panels.models.pools import PoolExpert
from app.panels.services.pools import Profile, nominate
from app.panels.states import Field, Title
from tests.factories.accounts import GUANGDONG, JINAN, NATION, SHANDONG, Member, make_member, make_person
from tests.factories.cases import NOW, make_publicity
from tests.factories.certification import decided, make_award, make_exam, publish_name
from tests.factories.evidence import make_declared, publish_checks
from tests.factories.panels import Office, make_office
from tests.factories.titles import make_applicant, make_open, make_submitted
from tests.submit import submit

Browser = Callable[..., FlaskClient]
NAME = "司徒望舒"
TYPED = (NAME, "situwangshu", "stws", "司徒望书", "situwanshu")
RIGHTS_PAGE = "/me/rights"


@pytest.fixture(autouse=True)
def _day(app: Flask, at_time: Callable[[datetime], None]) -> None:
    del app
    at_time(NOW)


@dataclass(frozen=True)
class Life:
    """A person whom several rooms let people find, and whoever looks for them."""

    member: Member
    office: Office
    entry: PoolExpert
    readers: dict[str, FlaskClient]


def live(person: Person, client: FlaskClient, browser_of: Browser) -> Life:
    """Give a person a role, a place in a pool of experts and a record of evidence that says their name."""
    publish_checks(region=NATION)
    office = make_office()
    member = make_member(Role.TRAINEE, JINAN, person=person)
    make_declared(Kind.CONTRACT, member, title=f"{NAME}经办的技术转让合同")
    with unit_of_work():
        profile = Profile(Field.TRANSFER, Title.FULL_SENIOR, "齐鲁研究院", SHANDONG)
        entry = nominate(office.pool, person, profile, by=office.secretary.actor, at=NOW)
    return Life(
        member,
        office,
        entry,
        {
            "public": client,
            "administrator": browser_of(make_member(Role.SECADMIN, SHANDONG)),
            "office": browser_of(office.secretary),
            "authority": browser_of(office.regulator),
            "checker": browser_of(make_member(Role.CREDIT, SHANDONG)),
        },
    )


def hits(browser: FlaskClient, typed: str) -> list[tuple[str, str]]:
    """Return title and address of all that a search shows to whoever looks."""
    found = browser.get("/search/suggest", query_string={"q": typed}).get_json()["results"]
    return [(one["title"], one["url"]) for one in found]


def named(browser: FlaskClient, typed: str) -> list[str]:
    return [url for title, url in hits(browser, typed) if NAME in title or NAME in url]


def seen(life: Life) -> dict[str, int]:
    """Return by how many spellings each reader finds the person."""
    return {who: sum(bool(named(one, typed)) for typed in TYPED) for who, one in life.readers.items()}


def erase(member: Member, browser_of: Browser) -> Erasure:
    """Let a person ask for erasure and an administrator grant it, as both do in their browsers."""
    submit(browser_of(member), f"{RIGHTS_PAGE}/erasure", page=RIGHTS_PAGE)
    asked = session.scalars(select(Erasure).where(Erasure.person_id == member.person.id)).one()
    path = f"/people/erasures/{asked.code}"
    granted = submit(browser_of(make_member(Role.SECADMIN, NATION)), f"{path}/grant", page=path, answer="本人申请")
    assert granted.status_code == 302, granted.text
    session.expire_all()
    return session.get_one(Erasure, asked.id)


def left_behind() -> int:
    """Return how many documents still say the name, and words that lead to one."""
    documents = select(SearchDocument.id).where(SearchDocument.title_zh.contains(NAME))
    words = select(func.count()).where(SearchPosting.document_id.in_(documents))
    return len(session.scalars(documents).all()) + (session.scalar(words) or 0)


def test_who_was_erased_is_found_by_nobody_by_name_pinyin_or_a_slip_and_stands_on_no_list(
    client: FlaskClient, browser_of: Browser
) -> None:
    life = live(make_person(name=NAME), client, browser_of)
    before = seen(life)
    assert (before["administrator"], before["office"], before["authority"]) == (5, 5, 5)
    assert before["checker"] >= 1
    assert before["public"] == 0

    assert erase(life.member, browser_of).state is ErasureState.DONE

    assert set(seen(life).values()) == {0}
    assert left_behind() == 0
    pool = f"/pools/{life.office.pool.code}"
    for path in (pool, f"{pool}/experts/{life.entry.code}", "/search?q=situwangshu"):
        page = life.readers["office"].get(path)
        assert page.status_code == 200, path
        assert NAME not in page.text, path


def test_who_is_erased_but_for_what_the_law_keeps_is_found_by_the_number_of_the_register_alone(
    client: FlaskClient, browser_of: Browser
) -> None:
    award = decided(make_award())
    publish_name(award, at=NOW)
    rename(session.get_one(Person, award.person_id))
    person = session.get_one(Person, award.person_id)
    life = live(person, client, browser_of)
    assert seen(life)["public"] == 5, "the holder agreed to be named"

    assert erase(life.member, browser_of).state is ErasureState.LIMITED

    assert set(seen(life).values()) == {0}
    assert left_behind() == 0
    number = session.get_one(Award, award.id).unified_number or ""
    assert hits(client, number) == [(number, f"/register/{number}")]
    for reader in life.readers.values():
        assert not any(url.startswith("/register/") for typed in TYPED for _title, url in hits(reader, typed))


def rename(person: Person) -> None:
    """Correct the name of a person, as the house does after the document was seen."""
    with unit_of_work():
        correct_name(session.get_one(Person, person.id), name=NAME, name_latin=None, reason="证件更正", at=NOW)


def test_a_corrected_name_is_found_in_every_room_and_the_old_one_in_none(
    client: FlaskClient, browser_of: Browser
) -> None:
    award = decided(make_award())
    publish_name(award, at=NOW)
    person = session.get_one(Person, award.person_id)
    old = person.name
    life = live(person, client, browser_of)

    rename(person)

    for who in ("public", "administrator", "office"):
        assert named(life.readers[who], NAME), who
        assert not any(title == old for title, _url in hits(life.readers[who], old)), who


@pytest.fixture
def pair(app: Flask) -> tuple[Person, Person]:
    """Give two records of one person; the second was brought in without a document and did all there is."""
    del app
    kept, gone = make_person(name=NAME), make_person(name=NAME)
    with unit_of_work():
        empty = {"identity_kind": None, "identity_sealed": None, "identity_index": None}
        session.execute(update(Person).where(Person.id == gone.id).values(**empty))
    session.expire_all()
    return session.get_one(Person, kept.id), session.get_one(Person, gone.id)


def join(pair: tuple[Person, Person], browser_of: Browser) -> None:
    """Let one administrator propose that two records are one person and another join them."""
    first, second = (browser_of(make_member(Role.SECADMIN, NATION)) for _ in range(2))
    kept, gone = pair
    made = submit(first, "/people/merges", kept=kept.code, gone=gone.code, reasons="同一人两次录入")
    assert made.status_code == 302, made.text
    done = submit(second, f"{made.location}/join", page=made.location, answer="证件核对无误")
    assert done.status_code == 302, done.text
    session.expire_all()
    assert session.scalars(select(PersonMerge.state)).one() == "confirmed"


def test_two_records_joined_are_found_once_under_the_one_that_stays(
    client: FlaskClient, browser_of: Browser, pair: tuple[Person, Person]
) -> None:
    kept, gone = pair
    cohort = make_exam().cohort
    life = live(gone, client, browser_of)
    teacher = make_member(Role.LECTURER, SHANDONG, person=gone)
    with unit_of_work():
        session.add(CohortLecturer(cohort_id=cohort.id, person_id=gone.id))
        session.flush()
        desk.refresh("courses.cohort", [cohort.code])
    assert [url for _title, url in hits(browser_of(teacher), cohort.name)] == [f"/cohorts/{cohort.code}"]

    join(pair, browser_of)

    entry = f"/pools/{life.office.pool.code}/experts/{life.entry.code}"
    for typed in TYPED:
        assert len(named(life.readers["administrator"], typed)) == 1, typed
        assert named(life.readers["office"], typed) == [entry], typed
    documents = select(SearchDocument.subject_code).where(SearchDocument.kind == "accounts.person")
    found = session.scalars(documents.where(SearchDocument.title_zh == NAME)).all()
    assert found == [kept.code]
    again = make_member(Role.LECTURER, GUANGDONG, person=kept)
    assert [url for _title, url in hits(browser_of(again), cohort.name)] == [f"/cohorts/{cohort.code}"]
    assert session.get_one(PoolExpert, life.entry.id).person_id == kept.id


def test_what_waited_for_both_records_waits_once_and_no_second_person_is_the_same_one(
    browser_of: Browser, pair: tuple[Person, Person]
) -> None:
    kept, gone = pair
    certifier = make_member(Role.CERTIFIER, SHANDONG, person=kept)
    make_member(Role.CERTIFIER, SHANDONG, person=gone)
    with unit_of_work():
        for person in pair:
            desk.open_todo("panels.declare", Subject("panel", "p1"), url="/panels/p1", at=NOW, person_id=person.id)
        desk.open_todo(
            "certification.decide",
            Subject("award", "a1"),
            url="/awards/a1",
            at=NOW,
            role=Role.CERTIFIER,
            region_code=SHANDONG,
            not_person_id=gone.id,
        )
        clocks.remind_of_declarations(after=0, at=clock.now())
    assert {one.kind for one in todos_of(certifier.actor)} >= {"panels.declare", "certification.decide"}

    join(pair, browser_of)

    waiting = [(one.kind, one.subject_code) for one in session.scalars(select(Todo).where(open_for(kept)))]
    year = clock.today().year
    assert sorted(waiting) == [("cases.declare", f"{kept.code}-{year}"), ("panels.declare", "p1")]
    assert "certification.decide" not in {one.kind for one in todos_of(certifier.actor)}
    declarations = select(Todo).where(Todo.kind == "cases.declare", Todo.closed_at.is_(None))
    assert {
        Expected(one.kind, Subject(one.subject_type, one.subject_code), person_id=one.person_id)
        for one in session.scalars(declarations)
    } == {one for one in of_cases() if one.kind == "cases.declare"}


def open_for(person: Person) -> ColumnElement[bool]:
    return (Todo.person_id == person.id) & Todo.closed_at.is_(None)


def forgotten(person_id: int) -> None:
    """Let every room forget a person, as an erasure does."""
    done = {"decided_by_id": make_member(Role.SECADMIN, NATION).person.id, "decided_at": NOW, "erased_at": NOW}
    with unit_of_work():
        session.add(
            Erasure(person_id=person_id, requested_by_id=person_id, requested_at=NOW, state=ErasureState.DONE, **done)
        )
        session.flush()
        for data in everything():
            data(person_id)


def everything() -> Iterator[Callable[[int], None]]:
    for room in rooms():
        yield from (one.forget for one in room.personal_data if one.forget is not None)


def test_what_waits_for_others_names_nobody_who_was_erased(browser_of: Browser) -> None:
    applicant = make_applicant()
    scene = make_open()
    applied = make_submitted(scene, applicant)
    award = make_award()
    office, certifier = browser_of(scene.office.secretary), browser_of(make_member(Role.CERTIFIER, SHANDONG))
    candidate = session.get_one(Person, award.person_id).name
    assert applicant.person.name in office.get("/home").text
    assert candidate in certifier.get("/home").text

    forgotten(applicant.person.id)
    forgotten(award.person_id)

    assert applicant.person.name not in office.get("/home").text
    assert candidate not in certifier.get("/home").text
    for browser in (office, certifier):
        assert "信息已删除的人员" in browser.get("/home").text
    session.refresh(applied)
    assert applied.declared == {}


def test_a_notice_on_the_board_never_says_the_whole_name(client: FlaskClient) -> None:
    make_publicity(names=(NAME,))
    for typed in TYPED:
        assert named(client, typed) == []
