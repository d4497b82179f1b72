"""An organisation holds a certificate as a person does: who administers it sees, shares and hears of it."""

import io
import re
from collections.abc import Callable, Sequence
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Organisation
from app.accounts.states import Role
from app.bases.models import TrainingBase
from app.core import jobs
from app.core.access_log import AccessLook
from app.core.db import session, unit_of_work
from app.core.errors import ForbiddenError
from app.core.events import Event
from app.credentials import services
from app.credentials.models import Batch, Certificate, ShareLink, ShareView
from app.credentials.queries.records import Holder
from app.credentials.services import sharing
from app.credentials.services.sharing import Chosen
from app.credentials.states import CertificateKind, ReissueReason, RevocationReason, SuspensionReason
from app.desk.models import Notice
from tests.factories.accounts import MADE_AT, NATION, Member, make_member, make_organisation
from tests.factories.bases import make_accredited
from tests.factories.credentials import Office, make_batch
from tests.submit import submit

Browser = Callable[[Member], FlaskClient]
KIND = CertificateKind.ACCREDITATION
SECRET = re.compile(r"/s/([\w-]{32})")
NUMBER = re.compile(r'name="number"[^>]*value="([^"]+)"')


@pytest.fixture
def base(office: Office) -> TrainingBase:
    """A base whose accreditation is certified."""
    made = make_accredited()
    jobs.work()
    batch = make_batch(office, KIND)
    with unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), by=office.second.actor, at=MADE_AT)
    jobs.work()
    return session.get_one(TrainingBase, made.id)


@pytest.fixture
def certificate(base: TrainingBase) -> Certificate:
    return session.scalars(select(Certificate).where(Certificate.organisation_id == base.organisation_id)).one()


@pytest.fixture
def administrator(base: TrainingBase) -> Member:
    return make_member(Role.BASE, base.region_code, base.organisation)


@pytest.fixture
def other() -> Member:
    """Who administers another organisation."""
    return make_member(Role.BASE, NATION, make_organisation(slug="other-base"))


def body_of(certificate: Certificate) -> Organisation:
    return session.get_one(Organisation, certificate.organisation_id)


def told(member: Member) -> Sequence[tuple[str, str]]:
    rows = session.execute(
        select(Notice.kind, Notice.url).where(Notice.person_id == member.person.id).order_by(Notice.id)
    )
    return [(kind, url) for kind, url in rows if kind.startswith("credentials.")]


def share(browser: FlaskClient, certificate: Certificate, **changes: object) -> str:
    """Make a link on the web and return its secret."""
    form = "/organisation/shares/new"
    number = NUMBER.findall(browser.get(form).text)[0]
    given = {"certificates": [certificate.code], "fields": ["dates"], "label": "招标", "days": "30", **changes}
    page = submit(browser, "/organisation/shares", page=form, number=number, **given)
    found = SECRET.search(page.text)
    assert found, page.text
    return found[1]


def test_its_administrator_sees_every_form_and_state(
    certificate: Certificate, administrator: Member, browser_of: Browser
) -> None:
    browser = browser_of(administrator)

    listed = browser.get("/organisation/certificates").text
    one = browser.get(f"/organisation/certificates/{certificate.code}").text
    change = browser.get(f"/organisation/certificates/{certificate.code}/change").text

    assert f'href="/organisation/certificates/{certificate.code}"' in listed
    for ending in ("json", "jwt", "png", "svg"):
        assert f"/credentials/{certificate.code}.{ending}" in one
    assert f"/organisation/certificates/{certificate.code}/change" in one
    for page in (listed, one, change):
        assert "本机构的证书" in page
        assert "/my/certificates" not in page
    assert "/organisation/certificates" in browser.get("/me").text


def test_nobody_else_does(
    certificate: Certificate, administrator: Member, other: Member, browser_of: Browser, client: FlaskClient
) -> None:
    link = link_of(browser_of(administrator), certificate)
    paths = (f"/organisation/certificates/{certificate.code}", f"/organisation/shares/{link.code}")
    trainee, lecturer = (make_member(role, NATION, body_of(certificate)) for role in (Role.TRAINEE, Role.LECTURER))
    for path in paths:
        assert client.get(path).status_code == 401
        assert browser_of(other).get(path).status_code == 404
        assert browser_of(trainee).get(path).status_code == 403
        assert browser_of(lecturer).get(path).status_code == 403
    for path in (f"/my/certificates/{certificate.code}", f"/my/shares/{link.code}"):
        assert browser_of(administrator).get(path).status_code == 404
    assert certificate.code not in browser_of(other).get("/organisation/certificates").text
    assert submit(browser_of(other), f"/organisation/shares/{link.code}/revoke", page="/me").status_code == 404


def test_its_other_name_is_an_english_one(client: FlaskClient, certificate: Certificate) -> None:
    page = client.get(f"/credentials/{certificate.code}").text

    assert "英文名称" in page
    assert "姓名拼音" not in page


def link_of(browser: FlaskClient, certificate: Certificate) -> ShareLink:
    share(browser, certificate)
    return session.scalars(select(ShareLink)).one()


def test_a_link_of_the_organisation_shows_what_was_chosen_and_counts_who_looked(
    certificate: Certificate, administrator: Member, browser_of: Browser, client: FlaskClient
) -> None:
    browser = browser_of(administrator)
    secret = share(browser, certificate)

    own = browser.get(f"/s/{secret}")
    strangers = client.get(f"/s/{secret}").text

    assert own.status_code == 200
    assert "认定" in strangers
    assert "培训地址" not in strangers, "the entries were not chosen"
    link = session.scalars(select(ShareLink)).one()
    assert (link.person_id, link.organisation_id, link.views) == (None, certificate.organisation_id, 1)
    assert len(session.scalars(select(ShareView)).all()) == 1
    assert session.scalars(select(AccessLook)).all() == [], "an organisation is no person"
    (event,) = session.scalars(select(Event).where(Event.kind == "credentials.shared"))
    assert event.actor_id == administrator.person.id
    page = browser.get(f"/organisation/shares/{link.code}").text
    assert "招标" in page

    submit(browser, f"/organisation/shares/{link.code}/revoke", page=f"/organisation/shares/{link.code}")
    assert client.get(f"/s/{secret}").status_code == 404


def test_only_its_own_certificates_can_be_shared(
    certificate: Certificate, administrator: Member, other: Member
) -> None:
    own = Holder(organisation_id=certificate.organisation_id)
    for holder, by in ((own, other), (Holder(other.person.id), administrator)):
        chosen = Chosen(holder, [certificate], [], "x", 30)
        with pytest.raises(ForbiddenError), unit_of_work():
            sharing.share(chosen, number="n" * 26, by=by.actor, at=MADE_AT, real=MADE_AT)


def test_who_checked_it_on_a_list_is_on_its_page(
    certificate: Certificate, administrator: Member, browser_of: Browser
) -> None:
    employer = make_member(Role.EMPLOYER, NATION, make_organisation(slug="asks", name_zh="泉城智造"))
    browser, form = browser_of(employer), "/employer/checks/new"
    given = {
        "number": NUMBER.findall(browser.get(form).text)[0],
        "purpose": "partner",
        "words": "合作洽谈",
        "consent": "2026-11-20同意书",
        "file": (io.BytesIO(f"编号,姓名\n{certificate.code},\n".encode()), "list.csv"),
    }
    assert (
        submit(browser, "/employer/checks", page=form, content_type="multipart/form-data", **given).status_code == 302
    )
    jobs.work()

    assert "泉城智造" in browser_of(administrator).get(f"/organisation/certificates/{certificate.code}").text


def test_its_administrators_hear_of_everything_that_happens_to_it(
    certificate: Certificate, administrator: Member, other: Member, office: Office
) -> None:
    gone = make_member(Role.BASE, NATION, body_of(certificate), starts_on=date(2001, 1, 1), ends_on=date(2001, 12, 31))
    page = f"/organisation/certificates/{certificate.code}/change"

    with unit_of_work():
        found = session.get_one(Certificate, certificate.id)
        why = SuspensionReason.INVESTIGATION
        services.suspend(found, reason=why, until=None, note="", by=office.first.actor, at=MADE_AT)
    jobs.work()
    assert told(administrator) == [("credentials.suspended", page)]

    with unit_of_work():
        found = session.get_one(Certificate, certificate.id)
        services.reinstate(found, reason="x", by=office.second.actor, at=MADE_AT)
    with unit_of_work():
        found = session.get_one(Certificate, certificate.id)
        because = ReissueReason.DATA_CORRECTED
        services.ask_reissue(found, because=because, by=office.first.actor, at=MADE_AT)
    batch = make_batch(office, KIND)
    with unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), by=office.second.actor, at=MADE_AT)
    jobs.work()
    assert {kind for kind, _url in told(administrator)[1:]} == {"credentials.reinstated", "credentials.followed"}

    made = session.scalars(select(Certificate).where(Certificate.replaces_id == certificate.id)).one()
    with unit_of_work():
        found = session.get_one(Certificate, made.id)
        services.revoke(found, reason=RevocationReason.ACCREDITATION_ENDED, note="", by=office.first.actor, at=MADE_AT)
    jobs.work()
    last = f"/organisation/certificates/{made.code}/change"
    assert told(administrator)[-1] == ("credentials.revoked", last)
    assert told(other) == told(gone) == []


def test_its_administrators_hear_that_it_was_issued(office: Office) -> None:
    made = make_accredited()
    administrator = make_member(Role.BASE, made.region_code, made.organisation)
    jobs.work()
    batch = make_batch(office, KIND)
    with unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), by=office.second.actor, at=MADE_AT)
    jobs.work()

    assert [kind for kind, _url in told(administrator)] == ["credentials.published"]


def test_an_administrator_without_an_organisation_is_told_to_switch(browser_of: Browser) -> None:
    alone = make_member(Role.BASE, NATION)
    assert browser_of(alone).get("/organisation/certificates").status_code == 403
