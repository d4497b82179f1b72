"""A title is withdrawn by two people for a closed reason; the register says so and the certificate falls with it."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.services import consents, erasure
from app.accounts.states import ErasureState, Role
from app.assessment.titles import queries, services
from app.assessment.titles.models import TitleApplication, TitleAward, TitleWithdrawal
from app.assessment.titles.personal_data import PERSONAL_DATA
from app.assessment.titles.services.doors import refuse_restricted
from app.assessment.titles.states import ApplicationState, WithdrawalReason, WithdrawalState
from app.cases.models import Restriction
from app.cases.queries import cases
from app.cases.services import Filing, handling, open_case
from app.core import jobs
from app.core.clock import day_of, real_now
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import Event
from app.credentials import paper
from app.credentials import services as credentials
from app.credentials.models import Batch, Certificate, CertificateRequest
from app.credentials.states import CertificateKind, CertificateState, RequestState, RevocationReason
from app.desk.models import Notice
from app.rulebook import queries as rulebook
from app.rulebook import services as rulebook_services
from app.settings import ROOT
from tests.factories.accounts import NATION, SHANDONG, Member, make_member
from tests.factories.credentials import Office, make_batch, make_office
from tests.factories.panels import publish_pack
from tests.factories.titles import DAY, MET_AT, Scene, fresh, make_accepted, make_applicant, make_open, publish_name
from tests.worlds import built_once

BrowserOf = Callable[[Member], FlaskClient]
AT = datetime(2026, 5, 8, 2, 0, tzinfo=UTC)
LATER = AT + DAY


class Titled:
    """A person with a title in the register, the people around it, and an issuing body."""

    def __init__(self) -> None:
        self.scene: Scene
        self.scene, self.who = make_open(), make_applicant()
        one = make_accepted(self.scene, self.who)
        voted = {"ballot_code": "x", "attending": 3, "approve": 3, "object": 0, "abstain": 0, "decided_at": MET_AT}
        with unit_of_work():
            session.execute(update(TitleApplication).values(state=ApplicationState.CLEARED, **voted))
        self.issuers: Office = make_office(slug="title-issuers")
        with unit_of_work():
            self.award_id = services.confirm_title(fresh(one), by=self.scene.regulator.actor, at=AT).id
        jobs.work()
        self.secretary = self.scene.office.secretary
        self.second = make_member(Role.REGULATOR, SHANDONG)
        self.page = f"/titles/applications/{one.code}"

    @property
    def award(self) -> TitleAward:
        session.expire_all()
        return session.get_one(TitleAward, self.award_id)

    def issue(self) -> None:
        batch = make_batch(self.issuers, CertificateKind.TITLE)
        with unit_of_work():
            credentials.approve_batch(session.get_one(Batch, batch.id), by=self.issuers.second.actor, at=AT)
        jobs.work()

    @property
    def certificate(self) -> Certificate:
        session.expire_all()
        found = session.scalars(select(Certificate).order_by(Certificate.id.desc())).first()
        assert found is not None
        return found

    def propose(self, by: Member | None = None, reason: WithdrawalReason = WithdrawalReason.FALSE_PAPERS) -> str:
        with unit_of_work():
            who = (by or self.secretary).actor
            return services.propose_withdrawal(
                self.award, reason=reason, findings="合同系伪造，已核对原件。", by=who, at=LATER
            ).code

    def withdraw(self, reason: WithdrawalReason = WithdrawalReason.FALSE_PAPERS) -> TitleWithdrawal:
        code = self.propose(reason=reason)
        with unit_of_work():
            found = queries.withdrawal_with(code)
            services.approve_withdrawal(found, decision="鲁职改〔2026〕3号", by=self.second.actor, at=LATER)
        return queries.withdrawal_with(code)

    def appeal_upheld(self, code: str) -> None:
        nation = make_member(Role.REGULATOR, NATION)
        with unit_of_work():
            case = open_case("titles.appeal", code, Filing("合同真实。"), by=self.who.actor, at=LATER)
            handling.accept(case, by=nation.actor, at=LATER)
        with unit_of_work():
            handling.decide(cases.by_code(case.code), upheld=True, reasons="证据不足。", by=nation.actor, at=LATER)


@built_once
def make_titled() -> Titled:
    return Titled()


@pytest.fixture
def titled(app: Flask, at_time: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch) -> Titled:
    del app
    at_time(MET_AT)
    made = make_titled()
    at_time(LATER)
    monkeypatch.setattr(paper, "available", lambda: False)
    return made


def test_withdrawing_takes_a_second_person_and_nobody_decides_on_their_own(titled: Titled) -> None:
    regulator = titled.scene.regulator
    with pytest.raises(ForbiddenError):
        titled.propose(by=make_member(Role.EXPERT, SHANDONG))
    rejected = titled.propose()
    with unit_of_work():
        services.reject_withdrawal(queries.withdrawal_with(rejected), decision="x", by=titled.second.actor, at=LATER)
    assert queries.withdrawal_with(rejected).state is WithdrawalState.REJECTED
    code = titled.propose(by=regulator)
    with pytest.raises(ConflictError):
        titled.propose()
    with pytest.raises(ForbiddenError), unit_of_work():
        services.approve_withdrawal(queries.withdrawal_with(code), decision="x", by=regulator.actor, at=LATER)
    with pytest.raises(ForbiddenError), unit_of_work():
        services.reject_withdrawal(queries.withdrawal_with(code), decision="x", by=titled.who.actor, at=LATER)
    alone = {"decided_by_id": regulator.person.id, "decided_at": LATER, "decision": "x"}
    statement = (
        update(TitleWithdrawal).where(TitleWithdrawal.code == code).values(state=WithdrawalState.IN_FORCE, **alone)
    )
    with pytest.raises(ConflictError, match="two_people"), unit_of_work():
        session.execute(statement)
    assert titled.award.withdrawal is None


def test_a_withdrawn_title_revokes_its_certificate_and_tells_the_person(
    titled: Titled, client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    titled.issue()

    titled.withdraw()

    certificate = titled.certificate
    assert (certificate.state, certificate.revoked_for) == (CertificateState.REVOKED, RevocationReason.FALSE_PAPERS)
    told = session.scalars(select(Event).where(Event.kind == "credentials.revoked")).one()
    withdrawn = session.scalars(select(Event).where(Event.kind == "titles.withdrawn")).one()
    assert (told.data["decision"], told.reason) == (withdrawn.code, "鲁职改〔2026〕3号")
    run_jobs()
    notices = session.scalars(select(Notice.kind).where(Notice.person_id == titled.who.person.id))
    assert "titles.withdrawn" in set(notices)
    number = titled.award.number
    entry = client.get(f"/titles/register/{number}").text
    assert "职称已撤销" in entry
    assert "提供虚假材料" in entry
    assert "伪造" not in entry, "what was found is not for the public"
    assert "职称已撤销" in client.get("/titles/register").text


def test_criteria_count_a_title_until_the_day_it_is_known_to_be_withdrawn(titled: Titled) -> None:
    def held(known_at: datetime) -> dict[str, object]:
        name = f"titles.held[{titled.award.level}]"
        asked = rulebook.facts_of([titled.who.person.id], frozenset({name}), on=day_of(LATER), known_at=known_at)
        return dict(asked[titled.who.person.id])

    assert held(LATER)
    titled.withdraw()
    assert held(AT)
    assert not held(LATER)


def test_an_upheld_appeal_gives_title_and_certificate_back(titled: Titled) -> None:
    titled.issue()
    found = titled.withdraw()
    revoked = titled.certificate

    titled.appeal_upheld(found.code)

    assert titled.award.withdrawal is None
    assert queries.withdrawal_with(found.code).state is WithdrawalState.SET_ASIDE
    titled.issue()
    anew = titled.certificate
    assert (anew.state, anew.replaces_id, anew.number) == (CertificateState.PUBLISHED, revoked.id, revoked.number)
    again = titled.withdraw()
    assert again.code != found.code
    assert titled.certificate.state is CertificateState.REVOKED


def test_what_was_never_issued_is_taken_back_and_waits_again_after_the_appeal(titled: Titled) -> None:
    found = titled.withdraw(WithdrawalReason.PROCEDURE)
    (request,) = session.scalars(select(CertificateRequest).execution_options(populate_existing=True))
    assert (request.state, request.withdrawn_for) == (RequestState.WITHDRAWN, RevocationReason.AWARD_WITHDRAWN)

    titled.appeal_upheld(found.code)
    titled.issue()

    assert titled.certificate.state is CertificateState.PUBLISHED


def test_a_bar_follows_for_the_time_the_rule_sets_and_ends_with_the_appeal(
    titled: Titled, browser_of: BrowserOf
) -> None:
    rule = publish_pack("title-integrity-sample")

    found = titled.withdraw()

    (bar,) = session.scalars(select(Restriction))
    assert (bar.kind, bar.person_id, bar.id) == ("titles.apply", titled.who.person.id, found.restriction_id)
    assert (bar.starts_on, bar.ends_on) == (date(2026, 5, 9), date(2029, 5, 8))
    assert found.code in (bar.determination or "")
    event = session.scalars(select(Event).where(Event.kind == "titles.withdrawn")).one()
    assert event.rule == found.integrity_rule == rule
    with pytest.raises(ForbiddenError, match="2029年5月8日"):
        refuse_restricted(titled.who.person.id, date(2029, 5, 8))
    refuse_restricted(titled.who.person.id, date(2029, 5, 9))
    page = f"/titles/withdrawals/{found.code}"
    assert "2029年5月8日" in browser_of(titled.who).get(page).text

    titled.appeal_upheld(found.code)

    refuse_restricted(titled.who.person.id, day_of(LATER))
    assert "解除日期" in browser_of(titled.who).get(page).text


def test_the_province_sets_its_own_years_and_names_the_reasons(titled: Titled, browser_of: BrowserOf) -> None:
    publish_pack("title-integrity-sample")
    with unit_of_work():
        text = (ROOT / "content" / "rules" / "title-integrity-sample.toml").read_text("utf-8")
        for old, new in (("100000", SHANDONG), ("integrity-sample", "integrity-shandong"), ("years = 3", "years = 5")):
            text = text.replace(old, new)
        pack = rulebook_services.load_draft(text, by=titled.second.actor, at=AT)
        rulebook_services.propose(pack, by=titled.second.actor, at=AT)
        rulebook_services.publish(pack, by=titled.scene.regulator.actor, at=AT)
    assert "5年内不得申报职称" in browser_of(titled.second).get(f"/rules/{pack.code}").text
    code = titled.propose()
    assert "5年内不得申报职称" in browser_of(titled.second).get(f"/titles/withdrawals/{code}").text
    with unit_of_work():
        found = queries.withdrawal_with(code)
        services.approve_withdrawal(found, decision="鲁职改〔2026〕3号", by=titled.second.actor, at=LATER)

    assert [one.ends_on for one in session.scalars(select(Restriction))] == [date(2031, 5, 8)]


def test_another_reason_or_no_rule_brings_no_bar(titled: Titled, browser_of: BrowserOf) -> None:
    found = titled.withdraw()
    assert (found.integrity_rule, found.restriction_id) == (None, None)
    titled.appeal_upheld(found.code)
    publish_pack("title-integrity-sample")

    again = titled.withdraw(WithdrawalReason.PROCEDURE)

    assert again.integrity_rule is not None
    assert again.restriction_id is None
    assert "当时有效的规则对该原因不限制申报" in browser_of(titled.who).get(f"/titles/withdrawals/{again.code}").text
    titled.appeal_upheld(again.code)
    refuse_restricted(titled.who.person.id, day_of(LATER))


def test_setting_the_revocation_aside_lets_the_title_stand_again(titled: Titled) -> None:
    titled.issue()
    found = titled.withdraw()
    nation = make_member(Role.REGULATOR, NATION)
    code = titled.certificate.code
    with unit_of_work():
        case = open_case("credentials.appeal", code, Filing("证书不应撤销。"), by=titled.who.actor, at=LATER)
        handling.accept(case, by=nation.actor, at=LATER)
    with unit_of_work():
        handling.decide(cases.by_code(case.code), upheld=True, reasons="撤回。", by=nation.actor, at=LATER)

    assert queries.withdrawal_with(found.code).state is WithdrawalState.SET_ASIDE
    requests = select(CertificateRequest).where(CertificateRequest.replaces_id.is_not(None))
    assert len(session.scalars(requests).all()) == 1


def test_from_the_proposal_to_the_appeal_by_page(titled: Titled, browser_of: BrowserOf) -> None:
    office, authority, mine = (browser_of(one) for one in (titled.secretary, titled.second, titled.who))
    form = f"{titled.page}/withdrawal"
    assert form in office.get(titled.page).text
    assert form not in mine.get(titled.page).text
    assert mine.get(form).status_code == 403
    assert office.post(form, data={"reason": "", "findings": "见核查单"}).status_code == 422
    sent = office.post(form, data={"reason": "false_papers", "findings": "合同系伪造。"})
    page = sent.location
    assert mine.get(page).status_code == 404, "a proposal is not the holder's to read"
    assert office.post(f"{page}/decide", data={"move": "approve", "decision": "x"}).status_code == 403
    assert authority.post(f"{page}/decide", data={"move": "approve", "decision": ""}).status_code == 422
    decided = authority.post(f"{page}/decide", data={"move": "approve", "decision": "鲁职改〔2026〕3号"})
    assert decided.status_code == 302
    assert authority.post(f"{page}/decide", data={"move": "approve", "decision": "x"}).status_code == 409
    own = mine.get(page).text
    assert "鲁职改〔2026〕3号" in own
    assert "/cases/new" in own
    assert titled.secretary.person.name not in own
    assert "该职称已被撤销" in mine.get(titled.page).text
    assert browser_of(make_member(Role.SECRETARY, SHANDONG)).get(page).status_code == 404
    (kept,) = [row for part in PERSONAL_DATA if part.name == "titles" for row in part.collect(titled.who.person.id)]
    assert kept["reason"] == WithdrawalReason.FALSE_PAPERS


def hits(client: FlaskClient, typed: str) -> list[tuple[str, str]]:
    found = client.get("/search/suggest", query_string={"q": typed}).get_json()["results"]
    return [(one["title"], one["url"]) for one in found if one["url"].startswith("/titles/register/")]


def test_a_title_is_found_by_name_and_number_and_by_its_number_alone_once_its_holder_asked_for_erasure(
    titled: Titled, client: FlaskClient
) -> None:
    name, number, url = titled.who.person.name, titled.award.number, f"/titles/register/{titled.award.number}"
    publish_name(titled.who, at=AT)
    assert hits(client, name) == [(name, url)]
    assert hits(client, number) == [(name, url)]
    titled.withdraw()
    assert "已撤销" in client.get("/search", query_string={"q": number}).text

    officer = make_member(Role.SECADMIN, NATION)
    with unit_of_work():
        asked = erasure.request_erasure(by=titled.who.actor, at=LATER)
        erasure.decide_erasure(asked, grant=True, answer="可", by=officer.actor, at=LATER, real_at=real_now())
    assert asked.state is ErasureState.LIMITED, "minutes name whom a committee reviewed"
    assert any("评审委员会评审" in kept["what_zh"] for kept in asked.kept)

    assert hits(client, name) == []
    assert hits(client, number) == [(number, url)]
    assert url not in client.get("/titles/register", query_string={"text": name}).text
    for path in ("/titles/register", url):
        assert name not in client.get(path).text, path


def test_a_title_names_its_holder_only_while_they_agree_to_publish_it(titled: Titled, client: FlaskClient) -> None:
    name, number = titled.who.person.name, titled.award.number
    address = f"/titles/register/{number}"

    def shown() -> list[bool]:
        listed = client.get("/titles/register", query_string={"text": number}).text
        return [name in page for page in (listed, client.get(address).text, client.get(f"/search?q={number}").text)]

    assert shown() == [False] * 3
    assert f"{name[0]}*" in client.get(address).text
    assert number not in client.get("/titles/register", query_string={"text": name}).text, "a guess is not confirmed"
    assert name not in {title for title, _url in hits(client, name)}

    publish_name(titled.who, at=AT)
    assert shown() == [True] * 3
    assert number in client.get("/titles/register", query_string={"text": name}).text

    with unit_of_work():
        consents.withdraw_consent(queries.PUBLISH_NAME, by=titled.who.actor, at=LATER)
    assert shown() == [False] * 3


def test_a_consent_to_the_lists_of_levels_names_nobody_in_the_register_of_titles(
    titled: Titled, client: FlaskClient, browser_of: BrowserOf
) -> None:
    name, number = titled.who.person.name, titled.award.number
    with unit_of_work():
        consents.give_consent(consents.PUBLISH_NAME, by=titled.who.actor, at=AT)

    own = browser_of(titled.who)

    assert name not in client.get(f"/titles/register/{number}").text
    assert "/me/rights" in own.get(titled.page).text
    assert "职称名册" in own.get("/me/rights").text
    assert own.post("/me/rights/consents/titles.publish_name/give").status_code == 302
    assert name in client.get(f"/titles/register/{number}").text
