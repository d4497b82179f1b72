"""A holder shows chosen fields of chosen certificates under a link that ends, is revoked at once and is looked at."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from app.accounts.models import Person, Throttle
from app.accounts.services import erasure
from app.accounts.states import Role
from app.core import clock
from app.core.access_log import AccessLook
from app.core.crypto import digest_token, new_token
from app.core.db import session, unit_of_work
from app.core.events import Event
from app.credentials import checking, queries, services
from app.credentials.models import Certificate, SharedCertificate, ShareLink, ShareView
from app.credentials.rules.guessing import FREE_GUESSES
from app.credentials.rules.lists import ListRow
from app.credentials.services import suspension
from app.credentials.services.lookups import answered
from app.credentials.states import RevocationReason, RowOutcome, SharedField, Succession, SuspensionReason
from app.credentials.wording_holders import line_of_answer
from tests.factories.accounts import NATION, Member, make_member, make_person
from tests.factories.credentials import Office, issue

pytestmark = pytest.mark.one_database

AFTER = datetime(2030, 1, 1, tzinfo=UTC)
DURING = datetime(2026, 11, 23, tzinfo=UTC)
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36 MicroMessenger/8.0"
NUMBER = re.compile(r'name="number"[^>]*value="([^"]+)"')
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
SECRET = re.compile(r"/s/([\w-]{32})")
BUT_NUMBER = tuple(one for one in SharedField if one is not SharedField.NUMBER)
Browser = Callable[[Member], FlaskClient]


@pytest.fixture
def holder(app: Flask, at_time: Callable[[datetime], None]) -> Member:
    del app
    at_time(DURING)
    person = make_person(name="张䶮")
    with unit_of_work():
        session.execute(update(Person).where(Person.id == person.id).values(name_latin="Zhang Yan"))
    session.refresh(person)
    return make_member(Role.TRAINEE, NATION, person=person)


@pytest.fixture
def certificate(holder: Member, office: Office) -> Certificate:
    return issue(office, holder.person)


@pytest.fixture
def browser(holder: Member, browser_of: Browser) -> FlaskClient:
    return browser_of(holder)


def made(browser: FlaskClient, *certificates: Certificate, fields: tuple[str, ...] = (), **more: Any) -> TestResponse:  # noqa: ANN401 - form fields
    form = browser.get("/my/shares/new").text
    numbers, tokens = NUMBER.findall(form), TOKEN.findall(form)
    given = {
        "certificates": [one.code for one in certificates],
        "fields": [str(field) for field in fields],
        "label": "泉城智造应聘",
        "days": "30",
        "number": numbers[0] if numbers else "0" * 26,
        "csrf_token": tokens[0],
    }
    return browser.post("/my/shares", data={**given, **more})


def secret_of(answer: TestResponse) -> str:
    assert answer.status_code == 200, answer.text
    return SECRET.findall(answer.text)[0]


def withdraw(
    certificate: Certificate, office: Office, reason: RevocationReason = RevocationReason.FALSE_PAPERS
) -> None:
    with unit_of_work():
        found = queries.own_certificate(certificate.code, office.first.actor)
        services.revoke(found, reason=reason, note="", by=office.first.actor, at=DURING)


def test_the_page_shows_the_chosen_fields_and_says_that_others_were_not_shared(
    browser: FlaskClient, certificate: Certificate, client: FlaskClient
) -> None:
    secret = secret_of(made(browser, certificate, fields=(SharedField.LEVEL, SharedField.HOURS)))

    page = client.get(f"/s/{secret}")

    assert page.status_code == 200
    for shown in ("张䶮", "能力等级", "初级", "80", "有效", "由持证人分享"):
        assert shown in page.text
    for hidden in (str(certificate.number), certificate.code, "Zhang Yan", "2026年6月1日", "2029", "示例认证中心"):
        assert hidden not in page.text
    assert "未分享：姓名拼音" in page.text or "未分享：" in page.text
    for field in ("统一编号", "发证机构"):
        assert field in page.text


def test_the_page_leaks_its_address_to_nobody(
    browser: FlaskClient, certificate: Certificate, client: FlaskClient
) -> None:
    secret = secret_of(made(browser, certificate))

    for page in (client.get(f"/s/{secret}"), client.get(f"/s/{new_token()}")):
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in page.headers["X-Robots-Tag"]
        assert page.headers["Cache-Control"] == "no-store, private"
        assert 'name="robots" content="noindex' in page.text
        assert not re.findall(r'(?:href|src)="https?://(?!localhost)', page.text)


def test_the_whole_certificate_is_linked_only_where_its_number_is_shared(
    browser: FlaskClient, certificate: Certificate, client: FlaskClient
) -> None:
    everything = secret_of(made(browser, certificate, fields=tuple(SharedField)))
    but_number = secret_of(made(browser, certificate, fields=BUT_NUMBER))

    assert f"/credentials/{certificate.code}" in client.get(f"/s/{everything}").text
    assert certificate.code not in client.get(f"/s/{but_number}").text


def test_the_secret_is_kept_as_a_digest_and_never_shown_again(browser: FlaskClient, certificate: Certificate) -> None:
    secret = secret_of(made(browser, certificate))

    link = session.scalars(select(ShareLink)).one()
    assert link.secret == digest_token(secret)
    told = "".join(str(one.data) for one in session.scalars(select(Event)))
    for place in (browser.get("/my/shares").text, browser.get(f"/my/shares/{link.code}").text, told):
        assert secret not in place


def test_a_repeated_request_makes_no_second_link(browser: FlaskClient, certificate: Certificate) -> None:
    number = "0" * 26
    made(browser, certificate, number=number)

    again = made(browser, certificate, number=number)

    assert again.status_code == 409
    assert "其地址只显示一次" in again.text
    assert session.scalar(select(func.count()).select_from(ShareLink)) == 1


def test_each_look_is_noted_with_time_and_kind_of_program_and_nothing_of_the_reader(
    browser: FlaskClient, certificate: Certificate, client: FlaskClient, browser_of: Browser
) -> None:
    secret = secret_of(made(browser, certificate))
    reader = make_member(Role.EMPLOYER, NATION)

    client.get(f"/s/{secret}", headers={"User-Agent": PHONE})
    client.head(f"/s/{secret}", lint=False)
    browser.get(f"/s/{secret}")
    browser_of(reader).get(f"/s/{secret}")

    link = session.scalars(select(ShareLink)).one()
    views = session.scalars(select(ShareView).order_by(ShareView.id)).all()
    assert link.views == len(views) == 2
    assert views[0].client == "WeChat · Android"
    assert abs(views[0].at - clock.real_now()) < timedelta(minutes=5)
    look = session.scalars(select(AccessLook)).one()
    assert (look.viewer_id, look.record_type, look.record_code) == (reader.person.id, "share_link", link.code)
    page = browser.get(f"/my/shares/{link.code}").text
    assert "WeChat · Android" in page
    assert "2次" in page


def test_a_revoked_an_ended_and_an_invented_link_answer_alike(
    browser: FlaskClient, certificate: Certificate, client: FlaskClient
) -> None:
    revoked, ended = secret_of(made(browser, certificate)), secret_of(made(browser, certificate))
    first, second = session.scalars(select(ShareLink).order_by(ShareLink.id)).all()

    assert browser.post(f"/my/shares/{first.code}/revoke").status_code == 302
    browser.post(f"/my/shares/{first.code}/revoke")
    with unit_of_work():
        past = clock.real_now() - timedelta(seconds=1)
        changed = update(ShareLink).where(ShareLink.id == second.id)
        session.execute(changed.values(created_at=past - timedelta(days=1), expires_at=past))

    token = re.compile(r"(csrf|/s/)[^\"]*|next=[^\"]*")
    pages = [client.get(f"/s/{one}") for one in (revoked, ended, new_token(), "short")]
    assert {page.status_code for page in pages} == {404}
    assert len({token.sub("", page.text) for page in pages}) == 1
    assert "该链接没有可显示的内容" in pages[0].text
    assert session.scalar(select(func.count()).select_from(Event).where(Event.kind == "credentials.share_revoked")) == 1


def test_the_state_is_that_of_now(
    browser: FlaskClient, certificate: Certificate, client: FlaskClient, office: Office
) -> None:
    secret = secret_of(made(browser, certificate))
    withdraw(certificate, office)

    page = client.get(f"/s/{secret}").text

    assert "已撤销" in page
    assert "以虚假材料取得" in page or "虚假" in page


def test_guessing_links_is_slowed_and_a_right_link_still_opens(
    browser: FlaskClient, certificate: Certificate, client: FlaskClient
) -> None:
    secret = secret_of(made(browser, certificate))
    for _try in range(2):
        assert client.get(f"/s/{new_token()}").status_code == 404
    with unit_of_work():
        session.execute(update(Throttle).values(failures=FREE_GUESSES))

    assert client.get(f"/s/{new_token()}").status_code == 429
    assert client.get(f"/s/{secret}").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"certificates": []}, "请至少选择一份证书"),
        ({"label": ""}, "请填写链接的备注名称"),
        ({"days": "5000"}, ""),
        ({"certificates": ["nobody"]}, "请至少选择一份证书"),
        ({"number": ""}, ""),
    ],
)
def test_what_was_chosen_wrongly_makes_no_link(
    browser: FlaskClient, certificate: Certificate, wrong: dict[str, Any], said: str
) -> None:
    page = made(browser, certificate, **wrong)

    assert page.status_code == 422
    assert said in page.text
    assert session.scalars(select(ShareLink)).all() == []


def test_nobody_shares_or_sees_or_revokes_what_is_anothers(
    browser: FlaskClient, certificate: Certificate, browser_of: Browser
) -> None:
    made(browser, certificate)
    link = session.scalars(select(ShareLink)).one()
    other = browser_of(make_member(Role.TRAINEE, NATION))

    assert made(other, certificate).status_code == 422
    for path in (f"/my/certificates/{certificate.code}", f"/my/shares/{link.code}"):
        assert other.get(path).status_code == 404
    assert other.post(f"/my/shares/{link.code}/revoke").status_code == 404
    session.refresh(link)
    assert link.revoked_at is None


def test_links_die_when_the_data_of_a_person_is_erased(
    browser: FlaskClient, certificate: Certificate, client: FlaskClient, holder: Member, office: Office
) -> None:
    secret = secret_of(made(browser, certificate))
    client.get(f"/s/{secret}")
    officers = make_member(Role.SECADMIN, NATION)
    with unit_of_work():
        asked = erasure.request_erasure(by=holder.actor, at=DURING)
    with unit_of_work():
        asked = session.merge(asked)
        erasure.decide_erasure(asked, grant=True, answer="同意", by=officers.actor, at=DURING, real_at=clock.real_now())

    assert client.get(f"/s/{secret}").status_code == 404, "the certificate is kept for now, its links are not"
    withdraw(certificate, office)
    with unit_of_work():
        erasure.finish_erasures(on=AFTER.date(), at=AFTER)
    for model in (ShareLink, SharedCertificate, ShareView):
        assert session.scalars(select(model)).all() == []


def test_ended_links_are_forgotten_after_a_year(
    browser: FlaskClient, certificate: Certificate, client: FlaskClient
) -> None:
    client.get(f"/s/{secret_of(made(browser, certificate))}")
    made(browser, certificate)
    old = session.scalars(select(ShareLink).order_by(ShareLink.id).limit(1)).one()
    past = clock.real_now() - timedelta(days=366)
    with unit_of_work():
        changed = update(ShareLink).where(ShareLink.id == old.id)
        session.execute(changed.values(created_at=past - timedelta(days=1), expires_at=past))

    checking.forget()

    assert len(session.scalars(select(ShareLink)).all()) == 1
    assert session.scalars(select(ShareView)).all() == []


def test_my_certificates_say_their_state_and_what_replaces_a_withdrawn_one(
    browser: FlaskClient, certificate: Certificate, office: Office, holder: Member
) -> None:
    withdraw(certificate, office, RevocationReason.SUPERSEDED)
    newer = issue(office, holder.person)
    with unit_of_work():
        follows = update(Certificate).where(Certificate.id == newer.id)
        session.execute(follows.values(replaces_id=certificate.id, succession=Succession.REISSUE))

    mine = browser.get("/my/certificates").text
    page = browser.get(f"/my/certificates/{certificate.code}").text

    for shown in (mine, page):
        assert "已撤销" in shown
        assert f"/my/certificates/{newer.code}" in shown
    assert "请使用新证书" in page
    assert "打开替换它的证书" not in browser.get(f"/my/certificates/{newer.code}").text


def test_my_certificate_has_every_form_that_exists_and_who_looked(
    browser: FlaskClient, certificate: Certificate, browser_of: Browser
) -> None:
    employer = make_member(Role.EMPLOYER, NATION, person=make_person(name="用人经理"))
    browser_of(employer).get(f"/credentials/{certificate.code}")
    secret_of(made(browser, certificate))

    page = browser.get(f"/my/certificates/{certificate.code}").text

    assert f"/credentials/{certificate.code}.json" in page
    assert f"/credentials/{certificate.code}.pdf" not in page, "it was issued without paper"
    assert "用人经理" in page
    assert "泉城智造应聘" in page


PATHS = ("/my/certificates", "/my/certificates/{code}", "/my/shares", "/my/shares/{link}", "/s/{secret}")


def test_pages_of_a_holder_keep_to_their_budget_of_statements(
    browser: FlaskClient,
    holder: Member,
    office: Office,
    client: FlaskClient,
    count_statements: Callable[[], list[str]],
) -> None:
    held = [issue(office, holder.person, level=level) for level in ("junior", "intermediate")]
    secret = secret_of(made(browser, *held, fields=tuple(SharedField)))
    for _look in range(3):
        client.get(f"/s/{secret}")
    link = session.scalars(select(ShareLink)).one()
    sent = count_statements()
    for path in PATHS:
        sent.clear()
        reader = client if path.startswith("/s/") else browser

        page = reader.get(path.format(code=held[0].code, link=link.code, secret=secret))

        assert page.status_code == 200
        assert len([one for one in sent if not one.startswith("BEGIN")]) <= 10, (path, sent)


def test_a_suspension_is_said_with_its_reason_on_every_page(
    browser: FlaskClient, certificate: Certificate, client: FlaskClient, office: Office
) -> None:
    secret = secret_of(made(browser, certificate))
    with unit_of_work():
        found = queries.own_certificate(certificate.code, office.first.actor)
        why = SuspensionReason.INVESTIGATION
        suspension.suspend(found, reason=why, until=None, note="", by=office.first.actor, at=DURING)

    shared, mine = client.get(f"/s/{secret}").text, browser.get(f"/my/certificates/{certificate.code}").text
    [row] = answered([ListRow(1, str(certificate.number), "张䶮")], at=DURING)

    for page in (shared, mine):
        assert "暂停" in page
        assert "调查" in page
    assert f"/my/certificates/{certificate.code}/change" in mine
    assert (row.outcome, row.told["reason"]) == (RowOutcome.SUSPENDED, "investigation")
    assert "2026" in line_of_answer(row).sentence
