"""Several documents of one person: found, claimed and joined by any of them, each with one person only."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts import queries, services
from app.accounts.models import Person, PersonDocument
from app.accounts.personal_data import PERSONAL_DATA
from app.accounts.rights import Claim
from app.accounts.services import claims, corrections, erasure, merging
from app.accounts.services.corrections import Wanted
from app.accounts.services.documents import documents_of
from app.accounts.services.people import words_about
from app.accounts.states import IdentityKind, Role
from app.core import clock
from app.core.clock import real_now
from app.core.config import settings
from app.core.crypto import blind_index
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, InvalidError
from tests.factories.accounts import MADE_AT, SHANDONG, Member, identity_number, make_member, make_person
from tests.rotation import NEW, with_keys

PASSPORT, RESIDENT = IdentityKind.PASSPORT, IdentityKind.RESIDENT_ID
NUMBER, OTHER = "E12345678", "E87654321"
WHY = "本人持护照到场核验"


@pytest.fixture(name="admins")
def _admins(app: Flask) -> tuple[Member, Member]:
    del app
    return make_member(Role.SECADMIN, "100000"), make_member(Role.SECADMIN, "100000")


def by_passport(number: str = NUMBER, name: str = "沈知行") -> Person:
    with unit_of_work():
        return services.add_person(name=name, identity_kind=PASSPORT, identity_number=number, at=MADE_AT)


def again(person: Person) -> Person:
    session.expire_all()
    return session.get_one(Person, person.id)


def numbers(person: Person) -> list[tuple[IdentityKind, str, bool]]:
    return [(one.kind, one.number, one.first) for one in documents_of(again(person))]


def ask(person: Person, admins: tuple[Member, Member], kind: IdentityKind, number: str, *, further: bool) -> None:
    wanted = Wanted(identity_kind=kind, identity_number=number, further=further)
    with unit_of_work():
        (order,) = corrections.correct(again(person), wanted, reason=WHY, by=admins[0].actor, at=real_now()).orders
        services.carry_out(order, by=admins[1].actor, at=real_now())


def join(kept: Person, gone: Person, admins: tuple[Member, Member]) -> None:
    with unit_of_work():
        merge = merging.propose_merge(again(kept), again(gone), reasons="r", by=admins[0].actor, at=MADE_AT)
        merging.confirm_merge(merge, answer="y", by=admins[1].actor, at=MADE_AT, real_at=real_now())


def test_two_add_a_further_document_by_which_the_person_is_found(admins: tuple[Member, Member]) -> None:
    person = make_person()
    first = numbers(person)[0]
    ask(person, admins, PASSPORT, "e 1234 5678", further=True)
    assert numbers(person) == [first, (PASSPORT, NUMBER, False)]
    for kind, number in ((PASSPORT, NUMBER), first[:2]):
        found = queries.person_by_identity(kind, number)
        assert found is not None
        assert found.id == person.id
    named = queries.person_by_name(NUMBER)
    assert named is not None
    assert named.id == person.id
    with unit_of_work():
        assert by_passport().id == person.id, "a roster with the passport means the same person"


def test_a_record_by_passport_and_one_by_identity_card_are_joined_by_two(admins: tuple[Member, Member]) -> None:
    kept, gone = make_person(name="沈知行"), by_passport()
    ask(gone, admins, PASSPORT, OTHER, further=True)
    first = numbers(kept)[0]

    join(kept, gone, admins)

    assert numbers(kept) == [first, (PASSPORT, OTHER, False), (PASSPORT, NUMBER, False)]
    assert numbers(gone) == []
    found = queries.person_by_identity(PASSPORT, OTHER)
    assert found is not None
    assert found.id == kept.id


def test_two_numbers_of_a_kind_kept_for_life_are_two_people(admins: tuple[Member, Member]) -> None:
    kept, gone = make_person(), by_passport()
    ask(gone, admins, RESIDENT, identity_number(801), further=True)
    with pytest.raises(ConflictError, match="终身证件号码不同"):
        join(kept, gone, admins)
    with pytest.raises(ConflictError, match="每人只有一个"):
        ask(kept, admins, RESIDENT, identity_number(802), further=True)


def test_a_number_for_life_is_corrected_where_it_stands(admins: tuple[Member, Member]) -> None:
    person, wrong, right = by_passport(), identity_number(811), identity_number(812)
    ask(person, admins, RESIDENT, wrong, further=True)
    ask(person, admins, RESIDENT, right, further=False)
    assert numbers(person) == [(PASSPORT, NUMBER, True), (RESIDENT, right, False)]
    assert queries.person_by_identity(RESIDENT, wrong) is None
    found = queries.person_by_identity(RESIDENT, right)
    assert found is not None
    assert found.id == person.id


def test_a_password_holds_no_number_of_any_document(admins: tuple[Member, Member]) -> None:
    person, number = by_passport(), identity_number(813)
    ask(person, admins, RESIDENT, number, further=True)
    assert {NUMBER, number, number[6:14]} <= set(words_about(again(person)))


def test_a_further_document_changes_places_with_the_first(admins: tuple[Member, Member]) -> None:
    person = by_passport()
    number = identity_number(803)
    ask(person, admins, RESIDENT, number, further=True)
    ask(person, admins, RESIDENT, number, further=False)
    assert numbers(person) == [(RESIDENT, number, True), (PASSPORT, NUMBER, False)]


def test_no_document_belongs_to_two_people(admins: tuple[Member, Member]) -> None:
    one, other = make_person(), make_person()
    ask(one, admins, PASSPORT, NUMBER, further=True)
    with pytest.raises(ConflictError, match="另一份档案"):
        ask(other, admins, PASSPORT, NUMBER, further=True)
    with pytest.raises(ConflictError, match="已登记在此人名下"):
        ask(one, admins, PASSPORT, NUMBER, further=True)
    index = blind_index(f"{PASSPORT}:{NUMBER}", queries.IDENTITY)
    with pytest.raises(ConflictError), unit_of_work():
        session.get_one(Person, other.id).identity_index = index
    first = session.get_one(Person, other.id).identity_index or b""
    row = PersonDocument(
        person_id=one.id, identity_kind=PASSPORT, identity_sealed=b"x", identity_index=first, added_at=MADE_AT
    )
    with pytest.raises(ConflictError), unit_of_work():
        session.add(row)


def test_a_record_is_claimed_by_any_of_its_documents(admins: tuple[Member, Member]) -> None:
    person = make_person(name="沈知行")
    ask(person, admins, PASSPORT, NUMBER, further=True)
    with unit_of_work():
        claims.claim(name="沈知行", kind=PASSPORT, number=NUMBER, on=date(2026, 3, 2), at=MADE_AT)
    assert session.scalars(select(Claim.person_id)).all() == [person.id]


def test_an_invited_person_shows_who_they_are_by_any_of_them(admins: tuple[Member, Member]) -> None:
    person = make_person()
    ask(person, admins, PASSPORT, NUMBER, further=True)
    with unit_of_work():
        link = services.invite(again(person), by=admins[0].actor, at=real_now())
    found = queries.invitation(link, real_now())
    for last_four in (NUMBER[-4:], numbers(person)[0][1][-4:]):
        services.check_last_four(found, last_four)
    with pytest.raises(InvalidError):
        services.check_last_four(found, OTHER[-4:])


def test_keys_that_change_take_further_documents_along(
    admins: tuple[Member, Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make_person()
    ask(person, admins, PASSPORT, NUMBER, further=True)
    before = numbers(person)
    with_keys(monkeypatch, NEW, settings().field_keys.get_secret_value())
    with unit_of_work():
        services.rotate_keys(0, 1000)
    with_keys(monkeypatch, NEW)
    found = queries.person_by_identity(PASSPORT, NUMBER)
    assert found is not None
    assert (found.id, numbers(person)) == (person.id, before)


def test_an_erasure_takes_every_document_and_a_copy_tells_them(admins: tuple[Member, Member]) -> None:
    member = make_member(Role.TRAINEE)
    ask(member.person, admins, PASSPORT, NUMBER, further=True)
    told = next(one for one in PERSONAL_DATA if one.name == "person").collect(member.person.id)
    assert NUMBER in str(list(told))
    with unit_of_work():
        asked = erasure.request_erasure(by=member.actor, at=clock.now())
        erasure.decide_erasure(asked, grant=True, answer="y", by=admins[0].actor, at=clock.now(), real_at=real_now())
    assert session.scalar(select(func.count()).select_from(PersonDocument)) == 0
    assert queries.person_by_identity(PASSPORT, NUMBER) is None


def test_the_pages_show_every_document_masked(
    admins: tuple[Member, Member], browser_of: Callable[[Member], FlaskClient]
) -> None:
    member = make_member(Role.TRAINEE, SHANDONG)
    ask(member.person, admins, PASSPORT, NUMBER, further=True)
    gone = by_passport(OTHER)
    with unit_of_work():
        merge = merging.propose_merge(again(member.person), gone, reasons="r", by=admins[0].actor, at=MADE_AT)
    mine, theirs = browser_of(member), browser_of(admins[1])
    pages = (
        mine.get("/me"),
        theirs.get(f"/security/people/{member.person.code}"),
        theirs.get(f"/people/merges/{merge.code}"),
    )
    for page in pages:
        assert "护照" in page.text
        assert "E*****678" in page.text
        assert NUMBER not in page.text
