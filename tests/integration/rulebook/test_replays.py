"""Decisions keep what they saw, and are replayed under another pack: who would change, and why."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from app.accounts.states import Role
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError
from app.core.events import Subject
from app.rulebook import queries, services
from app.rulebook.models import DecisionRecord, Replay, ReplayChange
from app.rulebook.queries import records
from app.rulebook.rules.replaying import is_changed
from app.rulebook.services import Decided, replays
from app.rulebook.verdicts import Verdict
from tests.factories.accounts import GUANGDONG, LIXIA, QINGDAO, Member, make_member
from tests.factories.certification import decided, make_award, make_exam, refused
from tests.factories.criteria import DECIDED, criteria, make_criteria, make_decision
from tests.factories.exams import make_cohort, make_house, make_session, make_trainee
from tests.factories.rulebook import make_draft, pack_text

BrowserOf = Callable[[Member], FlaskClient]
ENOUGH = {"stated.services": Decimal(15), "stated.amount": Decimal(5_000_000)}
MANY = {"stated.services": Decimal(30), "stated.amount": Decimal(9_000_000)}
FEW = {"stated.services": Decimal(1), "stated.amount": Decimal(1)}


def stored() -> list[DecisionRecord]:
    return list(session.scalars(select(DecisionRecord).order_by(DecisionRecord.id)))


def draft(services_needed: int = 20) -> str:
    return pack_text(kind="criteria", code="criteria-next", params=criteria(services_needed, cases=""))


@pytest.mark.usefixtures("app")
def test_a_decision_keeps_its_pack_its_facts_and_its_reasons() -> None:
    pack = make_criteria()

    record = make_decision(pack, ENOUGH)

    assert (record.kind, record.pack, record.tag, record.outcome) == ("criteria", pack.code, "sample", "met")
    assert record.facts["stated.amount"] == {"type": "decimal", "value": "5000000", "since": None, "source": ""}
    verdict = Verdict.from_json(record.verdict)
    assert verdict.met
    assert [line.params["fact"] for line in verdict.lines] == ["stated.services", "stated.amount"]
    assert records.decisions_on("criteria", Subject(record.subject_type, record.subject_code)) == [record]


@pytest.mark.usefixtures("app")
def test_a_later_decision_supersedes_and_nothing_is_rewritten() -> None:
    pack = make_criteria()
    first = make_decision(pack, FEW, subject="one")
    second = make_decision(pack, ENOUGH, subject="one")

    assert (first.supersedes_id, second.supersedes_id) == (None, first.id)
    assert list(session.scalars(records.standing("criteria", LIXIA, 2026))) == [second]
    for statement in ("UPDATE decision_record SET outcome = 'met'", "DELETE FROM decision_record"):
        with pytest.raises(Exception, match="append-only"), unit_of_work():
            session.execute(text(statement))
    assert [one.outcome.value for one in stored()] == ["not", "met"]


@pytest.mark.usefixtures("app")
def test_one_subject_is_not_decided_twice_at_once() -> None:
    record = make_decision(make_criteria(), ENOUGH)
    again = Decided(Subject("application", "twice"), {}, Verdict.from_json(record.verdict), date(2026, 3, 9), LIXIA)

    with pytest.raises(ConflictError), unit_of_work():
        services.record_decisions("criteria", [again, again], by=None, at=DECIDED)
    assert len(stored()) == 1


def test_a_regulator_replays_a_year_under_a_draft_and_reads_who_changes_and_why(browser_of: BrowserOf) -> None:
    pack = make_criteria()
    lost, kept = make_decision(pack, ENOUGH), make_decision(pack, MANY)
    make_decision(pack, ENOUGH, at=datetime(2024, 6, 1, tzinfo=UTC))
    next_year = make_draft(kind="criteria", code="criteria-next", params=criteria(20, cases=""))
    browser = browser_of(make_member(Role.REGULATOR))

    answer = browser.post(f"/rules/{next_year.code}/replay", data={"year": "2026"})
    running = browser.get(answer.location).text
    again = browser.post(f"/rules/{next_year.code}/replay", data={"year": "2026"})
    jobs.work()
    page = browser.get(answer.location).text

    assert again.location == answer.location, "a repeated request gives the running replay back"
    assert "进行中" in running
    asked = session.scalars(select(Replay)).one()
    assert (asked.records, asked.changed, asked.gained, asked.lost) == (2, 1, 0, 1)
    assert session.scalars(select(ReplayChange.record_id)).all() == [lost.id]
    assert kept.subject_code not in page
    assert "服务次数：不少于20次" in page
    assert "已完成" in page
    assert "2个决定中有1个结果会不同" in browser.get(f"/rules/{next_year.code}").text


def test_a_replay_goes_on_where_it_stopped_and_counts_each_decision_once(
    browser_of: BrowserOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replays, "CHUNK", 2)
    pack = make_criteria()
    for _number in range(5):
        make_decision(pack, ENOUGH)
    next_year = make_draft(kind="criteria", code="criteria-next", params=criteria(20, cases=""))
    browser_of(make_member(Role.REGULATOR)).post(f"/rules/{next_year.code}/replay", data={"year": "2026"})

    jobs.work(limit=2)
    make_decision(pack, ENOUGH)
    jobs.work()

    asked = session.scalars(select(Replay)).one()
    assert (asked.records, asked.changed) == (5, 5), "what was decided after it was asked for is left out"
    assert asked.ended_at is not None
    assert session.scalar(select(func.count()).select_from(ReplayChange)) == 5


@pytest.mark.one_database
@pytest.mark.parametrize(("year", "said"), [("2019", "2019年没有这类决定"), ("", "请填写年份"), ("99", "例如2026")])
def test_a_year_without_decisions_is_said_beside_the_field(browser_of: BrowserOf, year: str, said: str) -> None:
    pack = make_criteria()
    make_decision(pack, ENOUGH)

    response = browser_of(make_member(Role.REGULATOR)).post(f"/rules/{pack.code}/replay", data={"year": year})

    assert response.status_code == 422
    assert said in response.text


@pytest.mark.one_database
def test_a_replay_is_for_the_authority_of_the_region(browser_of: BrowserOf) -> None:
    pack = make_criteria()
    make_decision(pack, ENOUGH)
    own, other = browser_of(make_member(Role.REGULATOR)), browser_of(make_member(Role.REGULATOR, GUANGDONG))
    address = own.post(f"/rules/{pack.code}/replay", data={"year": "2026"}).location

    assert other.post(f"/rules/{pack.code}/replay", data={"year": "2026"}).status_code == 403
    assert other.get(address).status_code == 404
    assert browser_of(make_member(Role.TRAINEE)).get(address).status_code == 403


@pytest.mark.usefixtures("app")
def test_decisions_of_another_region_and_around_new_year_are_left_out() -> None:
    pack = make_criteria()
    before = make_decision(pack, ENOUGH, at=datetime(2025, 12, 31, 15, 59, tzinfo=UTC))
    after = make_decision(pack, ENOUGH, at=datetime(2025, 12, 31, 16, 0, tzinfo=UTC))

    def standing(region: str, year: int) -> list[int]:
        return [one.id for one in session.scalars(records.standing("criteria", region, year))]

    assert standing("100000", 2025) == [before.id]
    assert standing("370000", 2026) == [after.id]
    assert standing(QINGDAO, 2026) == []


def test_the_command_replays_without_changing_anything(app: Flask, tmp_path: Path) -> None:
    pack = make_criteria()
    make_decision(pack, ENOUGH)
    make_decision(pack, FEW)
    path = tmp_path / "next.toml"
    path.write_text(draft(), "utf-8")
    run = app.test_cli_runner().invoke

    result = run(args=["rules", "replay", "criteria", "--pack", str(path), "--year", "2026", "--json"])
    plain = run(args=["rules", "replay", "criteria", "--pack", str(path), "--year", "2026"])
    other = run(args=["rules", "replay", "award", "--pack", str(path), "--year", "2026"])

    answer = json.loads(result.stdout)
    assert {key: answer[key] for key in ("kind", "pack", "year", "records", "changed", "gained", "lost")} == {
        "kind": "criteria", "pack": "criteria-next", "year": 2026, "records": 2, "changed": 1, "gained": 0, "lost": 1,
    }  # fmt: skip
    (change,) = answer["changes"]
    assert (change["before"], change["after"]) == ("met", "not")
    assert change["why"][0]["params"]["value"] == "20"
    assert plain.output.startswith("2 1 +0 -1")
    assert other.exit_code == 1
    assert "criteria" in other.stderr
    assert session.scalar(select(func.count()).select_from(Replay)) == 0


def replayed_unchanged(kind: str) -> list[DecisionRecord]:
    """Replay every record of a kind under the pack it was decided under, and see that nothing differs."""
    found = [one for one in stored() if one.kind == kind]
    for one in found:
        pack = queries.by_code(one.pack)
        (again,) = records.replayed(pack, [one])
        assert again.after == again.before, one.subject_code
        assert not is_changed(again.before, again.after)
    return found


@pytest.mark.usefixtures("app")
def test_awards_are_recorded_and_replay_to_the_same_verdict_under_their_own_pack() -> None:
    exam = make_exam()
    awarded = decided(make_award(exam))
    refused(make_award(exam))

    found = replayed_unchanged("award")

    assert len(found) == 2
    assert found[0].subject_code == awarded.code
    assert found[0].facts["award.score"]["value"] == "80.00"
    assert "name" not in " ".join(found[0].facts)
    assert Verdict.from_json(found[0].verdict) == Verdict.from_json(awarded.verdict)


def test_entries_to_an_exam_are_recorded_and_replay_to_the_same_verdict(browser_of: BrowserOf) -> None:
    house = make_house()
    planned = make_session(house)
    make_trainee(make_cohort(), completed=True)
    browser_of(house.examiner).post(f"/exams/sessions/{planned.code}/register")

    found = replayed_unchanged("exam")

    assert len(found) == 1
    assert found[0].subject_type == "registration"
    assert found[0].facts["entry.level"]["value"] == "junior"
