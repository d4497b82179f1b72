"""What a published rule pack defines as a level is offered, accepted and named wherever a level is chosen or shown."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import Role
from app.assessment.certification import queries as awards
from app.assessment.certification.models import Award
from app.bases.certificates import _fields
from app.bases.models import TrainingBase
from app.core.db import session, unit_of_work
from app.core.errors import ForbiddenError, InvalidError
from app.core.text import speaking
from app.credentials import services
from app.credentials.models import CertificateTemplate, Delegation
from app.credentials.queries import templates
from app.credentials.states import CertificateKind, CertificateState
from app.credentials.verification import verify_certificate
from app.rulebook import queries as rulebook
from tests.factories.accounts import (
    GUANGDONG,
    JINAN,
    Member,
    make_member,
    make_organisation,
    make_person,
)
from tests.factories.certification import decided, make_award, make_exam
from tests.factories.credentials import ISSUED_AT, Office, issue, make_batch, make_office, make_request
from tests.factories.delegations import ask, delegate
from tests.factories.rulebook import AWARD_LEVELS, make_draft, make_published
from tests.submit import submit

pytestmark = pytest.mark.one_database

Browser = Callable[[Member], FlaskClient]
CHIEF = {"zh": "首席技术经理人", "en": "Chief technology manager"}
WITH_CHIEF = AWARD_LEVELS + AWARD_LEVELS.replace("junior", "chief").replace("初级技术经纪人", CHIEF["zh"]).replace(
    "Junior technology broker", CHIEF["en"]
).replace("JJC", "JJS")
RENAMED = AWARD_LEVELS.replace("初级技术经纪人", "初级技术经理人").replace(
    "Junior technology broker", "Junior technology manager"
)
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def below(office: Office) -> Office:
    """Give a body below the authority, to which nothing is delegated yet."""
    del office
    return make_office(slug="below", platform=False)


def test_levels_are_the_national_ones_and_those_of_published_packs(office: Office) -> None:
    del office
    make_draft(params=WITH_CHIEF, code="award-draft")
    assert list(rulebook.levels()) == ["junior", "intermediate", "senior"], "a draft defines nothing"

    make_published(params=WITH_CHIEF)

    assert list(rulebook.levels()) == ["junior", "intermediate", "senior", "chief"]
    assert str(rulebook.levels()["chief"]) == CHIEF["zh"]
    with speaking("en"):
        assert str(rulebook.levels()["chief"]) == CHIEF["en"]
    assert "chief" in rulebook.levels(JINAN), "a city knows what its province defines"
    assert "chief" not in rulebook.levels(GUANGDONG)


def test_a_level_goes_by_every_name_that_packs_give_it(office: Office) -> None:
    """So whoever knows one of them finds it; letter case makes no other name."""
    del office
    make_published(params=AWARD_LEVELS.replace("Junior technology broker", "Junior Technology Broker"))
    assert rulebook.levels()["junior"].zh == "初级技术经纪人"

    make_published(params=RENAMED, code="award-renamed")

    assert rulebook.levels()["junior"].zh == "初级技术经纪人 / 初级技术经理人"
    assert rulebook.levels()["junior"].en == "Junior technology broker / Junior technology manager"
    assert rulebook.LevelWords()["nobody"] == "nobody"


def test_a_body_issues_a_level_of_a_pack_once_it_is_delegated(office: Office, below: Office) -> None:
    make_published(params=WITH_CHIEF)
    delegate(office, below.body, levels=("junior",))
    make_request(below, level="chief", level_name=CHIEF)
    with pytest.raises(ForbiddenError, match="该等级"):
        make_batch(below)

    delegate(office, below.body, levels=("chief", "junior"))
    certificate = issue(below, make_person(), level="chief", level_name=CHIEF)

    assert certificate.state is CertificateState.PUBLISHED
    assert verify_certificate(certificate, at=ISSUED_AT).valid
    latest = session.scalars(select(Delegation).order_by(Delegation.id.desc())).first()
    assert latest is not None
    assert latest.levels == ["junior", "chief"]


def test_the_authority_chooses_among_all_levels_by_name(office: Office, below: Office, browser_of: Browser) -> None:
    make_published(params=WITH_CHIEF)
    browser, page = browser_of(office.first), "/issuing/authority"
    assert CHIEF["zh"] in browser.get(page).text
    assert CHIEF["en"] in browser.get(page, headers=ENGLISH).text
    given = {"body": below.body.slug, "kinds": "capability", "first_day": "2026-01-01"}

    refused = submit(browser, page, page=page, levels="master", **given)
    assert refused.status_code == 422
    assert "没有已发布的规则包定义等级“master”" in refused.text
    assert submit(browser, page, page=page, levels="chief", **given).status_code == 302

    assert session.scalars(select(Delegation)).one().levels == ["chief"]
    assert browser.get(page).text.count(CHIEF["zh"]) == 2, "in the form and of the delegation"


def test_a_phone_is_told_the_english_name_where_it_leaves_no_doubt(office: Office, client: FlaskClient) -> None:
    """A code holds the Chinese name only, which stays as small as it was."""
    del office
    make_published(params=WITH_CHIEF)
    told = client.get("/v/trust.json").json
    assert told
    assert {"code": "chief", **CHIEF} in told["levels"]

    make_published(params=WITH_CHIEF.replace(CHIEF["en"], "Principal technology manager"), code="award-other")

    told = client.get("/v/trust.json").json
    assert told
    assert "chief" not in [one["code"] for one in told["levels"]], "two English names: the page shows the Chinese one"
    assert "junior" in [one["code"] for one in told["levels"]]


def test_an_unknown_level_is_refused_by_the_rule_itself(office: Office, below: Office) -> None:
    with pytest.raises(InvalidError, match="chief"):
        ask(office, below.body, levels=("chief",))


def test_a_template_of_a_level_of_a_pack_is_drafted_and_counts(office: Office, browser_of: Browser) -> None:
    make_published(params=WITH_CHIEF)
    current = templates.current(CertificateKind.CAPABILITY, None)
    page = f"/issuing/templates/{current.code}"
    browser = browser_of(office.first)
    assert CHIEF["zh"] in browser.get(page).text

    refused = submit(browser, f"{page}/drafts", page=page, level="master")
    assert refused.status_code == 422
    assert "该种类证书没有这一等级" in refused.text
    assert submit(browser, f"{page}/drafts", page=page, level="chief").status_code == 302

    draft = session.scalars(select(CertificateTemplate).where(CertificateTemplate.level == "chief")).one()
    assert CHIEF["zh"] in browser.get("/issuing/templates").text
    assert CHIEF["en"] in browser.get(f"/issuing/templates/{draft.code}", headers=ENGLISH).text
    with unit_of_work():
        services.confirm_template(
            templates.template(draft.code), seen=services.templates.digest(draft), by=office.second.actor, at=ISSUED_AT
        )
    assert templates.current(CertificateKind.CAPABILITY, "chief").id == draft.id


def test_issued_certificates_are_filtered_by_a_level_of_a_pack(office: Office, browser_of: Browser) -> None:
    make_published(params=WITH_CHIEF)
    chief = issue(office, make_person(name="首席某"), level="chief", level_name=CHIEF)
    issue(office, make_person(name="初级某"))

    page = browser_of(office.first).get("/issuing/certificates?level=chief").text

    assert f'<option selected value="chief">{CHIEF["zh"]}</option>' in page
    assert (chief.number or "") in page
    assert "初级某" not in page


def test_the_register_names_and_filters_levels_as_their_packs_do(client: FlaskClient) -> None:
    exam = make_exam()
    make_published(params=RENAMED)
    found = decided(make_award(exam))

    listed = client.get("/register?level=junior").text
    number = found.unified_number or "-"
    assert number in listed
    assert listed.count("初级技术经理人") >= 2, "in the filter and of the entry"
    assert "Junior technology manager" in client.get(f"/register/{number}", headers=ENGLISH).text
    assert awards.level_names([session.get_one(Award, found.id)])[found.id] == "初级技术经理人"
    assert number not in client.get("/register?level=senior").text


def test_a_base_applies_for_a_level_of_its_region_and_is_certified_for_it(office: Office, browser_of: Browser) -> None:
    del office
    make_published(params=WITH_CHIEF)
    base = make_member(Role.BASE, JINAN, make_organisation(slug="a-base", region=JINAN))
    browser, page = browser_of(base), "/bases/apply"
    given = {"address_zh": "经十路", "address_en": "Jingshi Road", "capacity": "40"}
    assert CHIEF["zh"] in browser.get(page).text

    refused = submit(browser, page, page=page, levels="master", **given)
    assert refused.status_code == 422
    assert "本地区没有已发布的规则包定义等级“master”" in refused.text
    assert submit(browser, page, page=page, levels="chief", **given).status_code == 302

    found = session.scalars(select(TrainingBase)).one()
    assert CHIEF["zh"] in browser.get("/bases/a-base").text
    assert _fields(found)["words"]["levels"] == {"zh": CHIEF["zh"], "en": "chief technology manager"}
    assert CHIEF["zh"] not in browser_of(make_member(Role.BASE, GUANGDONG)).get(page).text


def test_pages_that_name_levels_of_packs_need_few_statements(
    office: Office, below: Office, browser_of: Browser, count_statements: Callable[[], list[str]]
) -> None:
    make_published(params=WITH_CHIEF)
    delegate(office, below.body, levels=("chief",))
    template = templates.current(CertificateKind.CAPABILITY, None).code
    issue(office, make_person(), level="chief", level_name=CHIEF)
    taken = make_request(office, level="chief", level_name=CHIEF)
    with unit_of_work():
        services.take_back(taken, reason="等级填错", by=office.first.actor, at=ISSUED_AT)
    browser = browser_of(office.first)
    sent = count_statements()
    for path in (
        "/issuing",
        "/issuing/authority",
        "/issuing/templates",
        f"/issuing/templates/{template}",
        "/issuing/certificates?level=chief",
        "/register?level=chief",
        "/v/trust.json",
    ):
        browser.get(path)
        sent.clear()
        assert browser.get(path).status_code == 200
        spoken = [one for one in sent if one.lstrip().upper().startswith(("SELECT", "UPDATE", "INSERT", "WITH"))]
        assert len(spoken) < 12, f"{path}: {len(spoken)}"
