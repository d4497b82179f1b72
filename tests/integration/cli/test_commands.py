"""Commands answer with one JSON document, refuse with 1 and a reason, and know usage errors by 2."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from app.accounts import queries
from app.accounts.models import Account, Membership, Person, Region
from app.accounts.rules import passwords
from app.accounts.rules.identity import clean_number
from app.accounts.states import IdentityKind, RegionLevel, Role
from app.cli.demo import people, registry
from app.cli.demo.registry import STEPS
from app.cli.demo.step import Demo, acting_as
from app.core import clock
from app.core.config import settings
from app.core.crypto import unwrap_key
from app.core.db import session
from app.core.errors import NotFoundError
from tests.factories.accounts import identity_number, make_organisation, make_person, make_regions

Run = Callable[..., Result]
FIRST_STEPS = STEPS[1:4]
NAMED = (
    "trainee base lecturer author reviewer examiner examiner2 invigilator marker marker2 adjudicator secretary expert "
    "chair supervisor certifier issuer issuer2 reviewer2 expert2 expert3 credit credit2 nation nation2 province city "
    "county employer sysadmin secadmin auditor"
)


@pytest.fixture
def run(app: Flask) -> Run:
    """Run a command of the house in its own context, as a shell would."""

    def call(*words: str, text: str | None = None) -> Result:
        session.rollback()
        result = app.test_cli_runner().invoke(args=list(words), input=text)
        session.rollback()
        return result

    return call


def document(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture
def demo(app: Flask) -> None:
    del app
    for step in FIRST_STEPS:
        step.load(Demo())


def test_a_user_is_made_with_an_invitation(run: Run) -> None:
    made = document(run("users", "create", "沈知行", "--identity-number", identity_number(5), "--json"))
    assert made["invitation"].startswith("http://localhost:8000/invitation/")
    assert queries.person(made["person"]).name == "沈知行"


def test_a_user_is_made_with_a_password_from_stdin(run: Run) -> None:
    words = ("users", "create", "沈知行", "--email", "a@demo.example", "--password-file", "-", "--json")
    made = document(run(*words, text="水落石出而山高月小也然后\n"))
    assert made["invitation"] is None
    account = queries.account_by_name("a@demo.example")
    assert account is not None
    assert passwords.matches(account.password_hash, "水落石出而山高月小也然后")
    assert document(run("users", "count", "--json")) == {"people": 1, "accounts": 1}


def test_without_document_or_password_a_person_is_only_known(run: Run) -> None:
    assert document(run("users", "create", "沈知行", "--json"))["invitation"] is None


def test_a_refusal_ends_with_one_and_makes_nothing(run: Run) -> None:
    refused = run("users", "create", "沈知行", "--identity-number", "123", "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["refused"] in refused.stderr
    assert "18位" in refused.stderr
    assert session.scalar(select(func.count()).select_from(Person)) == 0


@pytest.mark.parametrize("words", [("users", "create"), ("roles", "grant", "x", "king"), ("clock", "set", "soon")])
def test_wrong_usage_ends_with_two(run: Run, words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2


def test_a_role_is_granted_in_a_place_for_a_period(run: Run) -> None:
    make_regions()
    person, base = make_person(), make_organisation(slug="qilu")
    words = ("roles", "grant", person.code, "lecturer", "--region", "370102", "--organisation", "qilu")
    made = document(run(*words, "--from", "2026-01-01", "--until", "2026-12-31", "--json"))
    row = session.scalars(select(Membership).where(Membership.code == made["membership"])).one()
    assert (row.role, row.organisation_id) == (Role.LECTURER, base.id)
    assert (str(row.starts_on), str(row.ends_on)) == ("2026-01-01", "2026-12-31")


@pytest.mark.parametrize(("who", "region"), [("nobody@demo.example", "370102"), ("someone@demo.example", "999999")])
def test_a_role_needs_a_known_person_and_place(run: Run, who: str, region: str) -> None:
    make_regions()
    make_person(email="someone@demo.example")
    assert run("roles", "grant", who, "author", "--region", region).exit_code == 1


def test_the_clock_is_set_advanced_and_reset(run: Run) -> None:
    assert document(run("clock", "set", "2026-02-13", "--json"))["now"].startswith("2026-02-13T00:00:0")
    assert document(run("clock", "advance", "1", "--hours", "2", "--json"))["now"].startswith("2026-02-14T02:00:0")
    working = document(run("clock", "advance", "--working-days", "2", "--json"))["now"]
    assert working > "2026-02-23", "the Spring Festival lies between"
    reset = document(run("clock", "reset", "--json"))["now"]
    assert reset[:10] == clock.day_of(clock.real_now()).isoformat()
    assert document(run("clock", "show", "--json"))["now"][:13] == reset[:13]


def test_keys_are_rotated_in_chunks(run: Run) -> None:
    person = make_person()
    before = person.data_key
    assert document(run("keys", "rotate", "--json")) == {"people": 1, "keys": 0}
    session.refresh(person)
    assert person.data_key != before
    assert unwrap_key(person.data_key or b"") == unwrap_key(before or b"")


def test_due_work_is_done_once(run: Run) -> None:
    assert document(run("jobs", "once", "--json")) == {"done": 0}


def test_the_demo_is_loaded_once(demo: None) -> None:
    del demo
    assert [step.load(Demo()) for step in FIRST_STEPS] == [0, 0, 0]


def test_the_demo_is_refused_outside_of_a_demo(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "demo", False)
    refused = run("demo", "load")
    assert refused.exit_code == 1
    assert session.scalar(select(func.count()).select_from(Account)) == 0


def test_the_demo_tells_what_each_step_has_made_and_a_second_run_makes_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "demo", True)
    monkeypatch.setattr(registry, "STEPS", FIRST_STEPS)

    loaded, again = run("demo", "load", "--json"), run("demo", "load", "--json")

    made = document(loaded)["made"]
    assert list(made) == [step.name for step in FIRST_STEPS]
    assert all(number > 0 for number in made.values())
    assert [line for line in loaded.stderr.splitlines() if line] == [f"{name}: {made[name]}" for name in made]
    assert document(again)["made"] == dict.fromkeys(made, 0)


def test_the_demo_knows_all_units_of_provincial_level_and_a_whole_tree(demo: None) -> None:
    del demo
    provinces = session.scalars(select(Region.code).where(Region.level == RegionLevel.PROVINCE)).all()
    assert len(provinces) == 34
    assert all(code.endswith("0000") for code in provinces)
    above = {region.code: region.parent_code for region in session.scalars(select(Region))}
    assert [code for code, parent in above.items() if parent is None] == ["100000"]
    assert (above["370102"], above["370100"], above["110108"]) == ("370100", "370000", "110000")


def test_every_demo_sign_in_of_the_interfaces_exists_with_its_role(demo: None) -> None:
    del demo
    named = NAMED.split()
    actors = {name: acting_as(name) for name in named}
    levels = {"nation": "100000", "nation2": "100000", "province": "370000", "city": "370100", "county": "370102"}
    for name, actor in actors.items():
        assert actor.role == (Role.REGULATOR if name in levels else name.rstrip("23"))
    assert {name: actors[name].region_code for name in levels} == levels
    assert len({actor.person_id for actor in actors.values()}) == len(named)
    with pytest.raises(NotFoundError):
        acting_as("stranger")


def test_demo_accounts_are_marked_and_share_one_hash_of_the_published_password(demo: None) -> None:
    del demo
    rows = session.scalars(select(Account)).all()
    assert all(row.demo for row in rows)
    assert len({row.password_hash for row in rows}) == 1
    assert passwords.matches(rows[0].password_hash, people.PASSWORD)


def test_demo_identity_numbers_are_right_and_of_nobody_alive() -> None:
    number = people.identity_number(people.FIRST_SERIAL)
    assert clean_number(IdentityKind.RESIDENT_ID, number) == number
    assert number[6:14] == "19000101"


REFUSED = (
    ("roles grant", "nobody", "expert", "--region", "370000"),
    ("items export", "{folder}/out.gift", "--bank", "NONE"),
    ("items import", "{file}", "--bank", "NONE", "--format", "gift"),
    ("exams analyse", "--session", "none", "--model", "ctt"),
    ("exams analyse", "--responses", "{file}", "--model", "ctt"),
    ("exams assemble", "--blueprint", "{file}", "--papers", "1"),
    ("credentials export", "none", "{folder}/out.pdf", "--as", "pdf"),
    ("credit rate", "nobody", "--on", "2026-11-23"),
    ("titles check", "none"),
    ("ballots verify", "{file}"),
    ("panels redraw", "{file}"),
    ("mcdm", "{file}", "--weights", "given"),
    ("rules load", "{file}"),
    ("rules replay", "title", "--pack", "{file}", "--year", "2026"),
    ("people import", "{file}"),
)


@pytest.mark.one_database
@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_who_asked_for_json_reads_a_refusal_as_json(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    file = tmp_path / "given.csv"
    file.write_text("this is nothing that any command knows\n", "utf-8")
    given = [word.format(folder=tmp_path, file=file) for word in words[1:]]

    refused = run(*words[0].split(), *given, "--json")

    assert refused.exit_code == 1, refused.output
    assert json.loads(refused.stdout) == {"refused": refused.stderr.removesuffix("\n")}
    assert run(*words[0].split(), *given).stdout == ""
