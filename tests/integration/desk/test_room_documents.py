"""What the rooms of evidence, experts and notices let people find, and whom they do not."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.states import Role
from app.cases.services import publicity
from app.core.access import Actor
from app.core.db import session, unit_of_work
from app.desk.kinds import DocumentKind
from app.desk.models import SearchDocument
from app.desk.queries import search as queries
from app.desk.queries.documents import document_kinds
from app.desk.services import documents
from app.evidence.states import Kind
from tests.factories import panels as making
from tests.factories.accounts import GUANGDONG, JINAN, NATION, SHANDONG, make_member, make_organisation
from tests.factories.cases import NOW, make_officer, make_publicity
from tests.factories.evidence import make_checked, publish_checks
from tests.factories.panels import AT, make_expert, make_office


def found(actor: Actor | None, typed: str, kind: str) -> list[str]:
    return [hit.url for hit in queries.search_kind(actor, typed, kind).rows]


def kind(name: str) -> DocumentKind:
    return document_kinds()[name]


@pytest.fixture(autouse=True)
def _day(app: Flask, at_time: Callable[[datetime], None]) -> None:
    del app
    at_time(NOW)


def test_evidence_is_found_by_its_person_its_institution_and_its_authority_and_nobody_else() -> None:
    publish_checks(region=NATION)
    who = make_member(Role.TRAINEE, JINAN)
    record = make_checked(Kind.CONTRACT, who, number="2026370102000777")
    url, typed = [f"/evidence/{record.code}"], "2026370102000777"
    here = make_member(Role.CREDIT, SHANDONG)

    assert found(who.actor, typed, "evidence.record") == url
    assert found(here.actor, typed, "evidence.record") == url
    assert found(here.actor, record.title, "evidence.record") == url
    for stranger in (
        make_member(Role.CREDIT, GUANGDONG),
        make_member(Role.TRAINEE, JINAN),
        make_member(Role.EXPERT, JINAN),
        make_member(Role.BASE, JINAN, make_organisation(slug="other-base", region=JINAN)),
    ):
        assert found(stranger.actor, typed, "evidence.record") == []
    assert found(None, typed, "evidence.record") == []


def test_experts_and_pools_are_found_by_their_office_and_authority_never_in_public() -> None:
    office = make_office()
    expert = make_expert(office, unit="齐鲁工业技术研究院")
    pool, entry = [f"/pools/{office.pool.code}"], [f"/pools/{office.pool.code}/experts/{expert.code}"]

    for actor in (office.secretary.actor, office.regulator.actor):
        assert found(actor, office.pool.name_zh, "panels.pool") == pool
        assert found(actor, expert.person.name, "panels.expert") == entry
        assert found(actor, "齐鲁工业技术研究院", "panels.expert") == entry
    strangers: tuple[Actor | None, ...] = (
        making.acting(expert).actor,
        office.supervisor.actor,
        make_member(Role.SECRETARY, GUANGDONG).actor,
        make_member(Role.REGULATOR, GUANGDONG).actor,
        None,
    )
    for stranger in strangers:
        assert found(stranger, expert.person.name, "panels.expert") == []
        assert found(stranger, office.pool.name_zh, "panels.pool") == []


def test_a_corrected_name_is_found_and_an_erased_person_no_more() -> None:
    office = make_office()
    expert = make_expert(office)
    with unit_of_work():
        expert.person.name = "皇甫明德"
        documents.refresh("panels.expert", [expert.code])
    assert len(found(office.secretary.actor, "皇甫明德", "panels.expert")) == 1
    with unit_of_work():
        expert.person.erased_at, expert.person.data_key = AT, None
        documents.refresh("panels.expert", [expert.code])
    assert found(office.secretary.actor, "皇甫明德", "panels.expert") == []
    kept = select(func.count()).select_from(SearchDocument).where(SearchDocument.subject_code == expert.code)
    assert session.scalar(kept) == 0


def test_a_public_notice_is_found_by_everyone_until_it_is_taken_off_the_board() -> None:
    notice = make_publicity(names=("司徒望岳",))
    assert found(None, notice.title_zh, "cases.notice") == [f"/notices/{notice.code}"]
    assert found(None, "司徒望岳", "cases.notice") == [], "names are found on the notice only, masked"
    officer = make_officer()
    with unit_of_work():
        publicity.revoke(notice, reason="公示内容有误。", by=officer.actor, at=NOW)
    assert found(None, notice.title_zh, "cases.notice") == []


@pytest.mark.parametrize("name", ["evidence.record", "panels.pool", "panels.expert", "cases.notice"])
def test_a_reindex_makes_the_same_documents(name: str) -> None:
    publish_checks(region=NATION)
    make_checked(Kind.CONTRACT, make_member(Role.TRAINEE, JINAN), number="2026370102000778")
    office = make_office()
    make_expert(office)
    make_publicity()
    codes = [code for _key, code in kind(name).every(0, 50)]
    before = session.scalars(select(SearchDocument.subject_code).where(SearchDocument.kind == name)).all()
    assert codes
    assert sorted(before) == sorted(codes), "events have indexed every one of them"
    assert {one.subject.code for one in kind(name).of(codes)} == set(codes)
    assert all({scope.form for scope in one.scopes} <= set(kind(name).forms) for one in kind(name).of(codes))
    assert kind(name).every(10**9, 50) == []
