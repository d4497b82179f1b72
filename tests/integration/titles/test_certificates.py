"""With one click the office and the committee verify the certificates of an applicant, and the applicant sees it."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.assessment.titles import queries
from app.core.access_log import AccessLook, Purpose
from app.core.db import session, unit_of_work
from app.credentials import paper, services
from app.credentials import queries as credentials
from app.credentials.states import RevocationReason
from app.panels.services.recusal import keep
from app.panels.states import Conflict
from tests.factories.accounts import Member
from tests.factories.credentials import ISSUED_AT, issue, make_office
from tests.factories.panels import acting
from tests.factories.titles import AT, MET_AT, hold_meeting, make_accepted, make_applicant, make_open

BrowserOf = Callable[[Member], FlaskClient]


def test_one_click_verifies_what_the_applicant_holds_and_leaves_a_look(
    app: Flask, browser_of: BrowserOf, at_time: Callable[[object], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    del app
    monkeypatch.setattr(paper, "available", lambda: False)
    at_time(ISSUED_AT)
    scene, who = make_open(), make_applicant()
    one = make_accepted(scene, who)
    issuers = make_office()
    good, bad = (issue(issuers, who.person, level=level) for level in ("intermediate", "junior"))
    with unit_of_work():
        services.revoke(
            credentials.own_certificate(bad.code, issuers.first.actor),
            reason=RevocationReason.FALSE_PAPERS,
            note="",
            by=issuers.first.actor,
            at=ISSUED_AT,
        )
    path = f"/titles/applications/{one.code}/certificates"
    office = browser_of(scene.office.secretary)
    assert path in office.get(f"/titles/applications/{one.code}").text

    page = office.post(path)

    assert page.status_code == 200
    for shown in (str(good.number), str(bad.number), "status-good", "虚假材料"):
        assert shown in page.text, shown
    looks = select(AccessLook).where(AccessLook.record_code == one.code, AccessLook.purpose == Purpose.VERIFICATION)
    look = session.scalars(looks).one()
    assert (look.person_id, look.viewer_id) == (who.person.id, scene.office.secretary.person.id)
    mine = browser_of(who)
    assert "职称申报" in mine.get("/me/looks").text
    assert path not in mine.get(f"/titles/applications/{one.code}").text, "nobody verifies themselves"


def test_an_expert_of_the_committee_may_and_a_recused_one_finds_nothing(
    app: Flask, browser_of: BrowserOf, at_time: Callable[[object], None]
) -> None:
    del app
    scene = make_open()
    one = make_accepted(scene, make_applicant())
    recused, free = (acting(expert) for expert in scene.experts[:2])
    with unit_of_work():
        keep(queries.subject(one), recused.person, kind=Conflict.IMPOSED, reason="同一单位", by=None, at=AT)
    hold_meeting(scene)
    at_time(MET_AT)
    path = f"/titles/applications/{one.code}/certificates"

    page = browser_of(free).post(path)

    assert page.status_code == 200
    assert "没有在本平台签发的证书" in page.text
    hidden, unknown = browser_of(recused).post(path), browser_of(recused).post(path.replace(one.code, "0" * 26))
    assert hidden.status_code == unknown.status_code == 404
    assert session.scalar(select(AccessLook.id).where(AccessLook.viewer_id == recused.person.id)) is None
