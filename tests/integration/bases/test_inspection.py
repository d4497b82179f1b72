"""On-site inspection: drawn experts score a base that applied; the authority reads the result where it decides."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from app.accounts.models import Organisation
from app.accounts.states import Role
from app.bases import queries, services
from app.bases.models import TrainingBase
from app.bases.rules import InspectionRules, sentences
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.panels.models.draws import Panel
from app.panels.queries import draws, scoring
from app.panels.services import scoring as scores
from app.panels.services.scoring import Given
from app.rulebook import services as rulebook
from app.settings import ROOT
from tests.factories.accounts import JINAN, NATION, Member, make_member, make_organisation
from tests.factories.bases import decide, make_application
from tests.factories.panels import AT, Office, acting, case_of, draw, make_expert, make_experts, make_office

BrowserOf = Callable[[Member], FlaskClient]
PERIOD = {"accredit-starts_on": "2026-03-03", "accredit-ends_on": "2028-12-31", "accredit-reason": "条件齐备。"}


@pytest.fixture
def office(app: object, at_time: Callable[[datetime], None]) -> Office:
    del app
    at_time(AT)
    office = make_office()
    make_experts(office, 6)
    return office


@pytest.fixture
def base(office: Office) -> TrainingBase:
    del office
    return make_application(make_organisation(slug="qilu", region=JINAN, name_zh="齐鲁基地"))


def set_rules(*, required: bool) -> None:
    text = (ROOT / "content" / "rules" / "base-inspection-sample.toml").read_text("utf-8")
    text = text.replace("required = false", f"required = {str(required).lower()}")
    first, second = make_member(Role.REGULATOR, NATION), make_member(Role.REGULATOR, NATION)
    with unit_of_work():
        pack = rulebook.load_draft(text, by=first.actor, at=AT)
        rulebook.propose(pack, by=first.actor, at=AT)
        rulebook.publish(pack, by=second.actor, at=AT)


def inspect(panel: Panel, office: Office, value: str = "80") -> None:
    draw(panel, office)
    with unit_of_work():
        scores.open_round(panel, purpose="inspection", by=office.secretary.actor, at=AT)
    for seat in draws.seated(panel.id):
        actor = acting(seat.expert).actor
        own = scoring.own_assignment(case_of(panel), actor)
        codes = ("facilities", "organisation", "results", "innovation")
        given = {code: Given(Decimal(value), "现场核查情况良好，依据充分。") for code in codes}
        with unit_of_work():
            scores.submit(own, given, by=actor, at=AT)


def panel_of(base: TrainingBase) -> Panel:
    case = queries.inspection(base)
    assert case
    return session.get_one(Panel, case.panel_id)


def test_the_authority_asks_for_an_inspection_and_reads_its_result_where_it_decides(
    office: Office, base: TrainingBase, browser_of: BrowserOf
) -> None:
    set_rules(required=True)
    browser = browser_of(office.regulator)
    assert "按规定须先现场考察" in browser.get("/bases/qilu").text
    refused = browser.post("/bases/qilu/accredit", data=PERIOD)
    assert (refused.status_code, "按规定须先进行现场考察" in refused.text) == (409, True)

    assert browser.post("/bases/qilu/inspection").location == "/bases/qilu"

    assert "查看考察组" in browser.get("/bases/qilu").text
    panel = panel_of(base)
    assert (panel.seats, panel.name_zh) == (3, "齐鲁基地现场考察组")
    assert browser.post("/bases/qilu/inspection").status_code == 409
    inspect(panel, office)
    text = browser.get("/bases/qilu").text
    assert "80.00" in text
    assert "查看结果" in text
    assert browser.post("/bases/qilu/accredit", data=PERIOD).status_code == 302
    assert browser.get("/bases/qilu").status_code == 200


def test_a_base_is_accredited_without_inspection_where_the_rules_leave_it_open(
    office: Office, base: TrainingBase, browser_of: BrowserOf
) -> None:
    set_rules(required=False)
    browser = browser_of(office.regulator)

    assert "您可以先请随机抽取的专家现场考察" in browser.get("/bases/qilu").text
    assert browser.post("/bases/qilu/accredit", data=PERIOD).status_code == 302
    assert base.code


def test_people_of_the_base_are_recused_from_its_inspection(office: Office, base: TrainingBase) -> None:
    colleague = make_expert(office, unit="齐鲁基地")
    employed = make_expert(office)
    make_member(Role.LECTURER, JINAN, base.organisation, person=employed.person)
    with unit_of_work():
        panel = services.ask_inspection(base, by=office.regulator.actor, at=AT)

    drawn = draw(panel, office)

    codes = {one[0] for one in drawn.population}
    assert len(codes) == 6
    assert not codes & {colleague.code, employed.code}
    assert {one.kind for one in draws.conflicts(panel.id)} == {"unit"}


def test_people_above_below_and_beside_the_base_are_recused_from_its_inspection(
    office: Office, base: TrainingBase
) -> None:
    university, part, beside = (
        make_organisation(region=JINAN, name_zh=name) for name in ("泰岳学堂", "齐鲁讲习所", "泰岳实验场")
    )
    with unit_of_work():
        for one, above in ((base.organisation, university), (part, base.organisation), (beside, university)):
            session.get_one(Organisation, one.id).parent_id = above.id
    experts = {
        make_expert(office, unit="泰岳学堂").id: "organisation.whole",
        make_expert(office, unit="泰岳实验场").id: "organisation.sibling",
    }
    employed = make_expert(office)
    make_member(Role.LECTURER, JINAN, part, person=employed.person)
    with unit_of_work():
        panel = services.ask_inspection(base, by=office.regulator.actor, at=AT)

    known = {(one.expert_id, one.kind, one.source) for one in draws.conflicts(panel.id)}
    assert known == {(expert, "unit", why) for expert, why in {**experts, employed.id: "organisation.part"}.items()}


def test_only_the_deciding_authority_asks_and_only_for_an_open_application(
    office: Office, base: TrainingBase, browser_of: BrowserOf
) -> None:
    city = make_member(Role.REGULATOR, JINAN)
    with pytest.raises(ForbiddenError), unit_of_work():
        services.ask_inspection(base, by=city.actor, at=AT)
    assert browser_of(make_member(Role.BASE)).post("/bases/qilu/inspection").status_code == 403
    decide(base, "refuse")
    with pytest.raises(ConflictError), unit_of_work():
        services.ask_inspection(base, by=office.regulator.actor, at=AT)
    assert queries.inspected(queries.inspection(base)) is None


def test_the_rules_are_read_out_in_plain_sentences() -> None:
    said = {required: sentences(InspectionRules(required=required, experts=6))[0] for required in (True, False)}

    assert said[True] != said[False]
    assert all("6" in str(one) for one in said.values())
