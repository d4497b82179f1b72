"""Lists of certificates: employers check them with a purpose and a signed result, anyone checks short ones at once."""

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from app.accounts.models import Person, Throttle
from app.accounts.states import OrganisationKind, Role
from app.core import clock, jobs
from app.core.access_log import AccessLook, Purpose
from app.core.db import session, unit_of_work
from app.core.errors import UnavailableError
from app.core.staging import StagedFile
from app.credentials import checking, queries, services
from app.credentials.models import Certificate, CertificateCheck, CheckedRow, SigningKey
from app.credentials.rules.guessing import FREE_GUESSES
from app.credentials.rules.sheets import read_sheet
from app.credentials.services import checks, sheets
from app.credentials.states import RevocationReason, RowOutcome
from app.credentials.views import lists
from tests.factories.accounts import JINAN, NATION, Member, make_member, make_organisation, make_person
from tests.factories.credentials import Office, issue
from tests.submit import submit

DURING = datetime(2026, 11, 23, 2, tzinfo=UTC)
Browser = Callable[[Member], FlaskClient]
HEAD = "证书编号,姓名\n"


def employer(slug: str = "quancheng") -> Member:
    organisation = make_organisation(
        slug=slug, kind=OrganisationKind.EMPLOYER, region=JINAN, name_zh="泉城智造", name_en="Quancheng"
    )
    return make_member(Role.EMPLOYER, JINAN, organisation, person=make_person(name=f"经理{slug}"))


@pytest.fixture
def certificate(office: Office, at_time: Callable[[datetime], None]) -> Certificate:
    at_time(DURING)
    return issue(office, make_person(name="欧阳 望岳"), number="JJC372026000001E")


def withdraw(certificate: Certificate, office: Office) -> None:
    with unit_of_work():
        services.revoke(
            queries.own_certificate(certificate.code, office.first.actor),
            reason=RevocationReason.FALSE_PAPERS,
            note="",
            by=office.first.actor,
            at=DURING,
        )


def upload(browser: FlaskClient, data: bytes | str, name: str = "list.csv", **more: str) -> TestResponse:
    content = data.encode() if isinstance(data, str) else data
    page = browser.get("/employer/checks/new").text
    number = re.findall(r'name="number"[^>]*value="([^"]+)"', page)[0]
    given = {"purpose": "recruitment", "words": "技术转移岗位", "consent": "2026-11-20同意书", "number": number, **more}
    return submit(
        browser,
        "/employer/checks",
        page="/employer/checks/new",
        file=(io.BytesIO(content), name),
        content_type="multipart/form-data",
        **given,
    )


def checked(browser: FlaskClient, data: bytes | str, **more: str) -> CertificateCheck:
    answer = upload(browser, data, **more)
    assert answer.status_code == 302, answer.text
    jobs.work()
    session.expire_all()
    return session.scalars(select(CertificateCheck).order_by(CertificateCheck.id.desc()).limit(1)).one()


def outcomes(check: CertificateCheck) -> list[RowOutcome]:
    rows = select(CheckedRow.outcome).where(CheckedRow.check_id == check.id).order_by(CheckedRow.line)
    return list(session.scalars(rows))


def workbook(*rows: tuple[object, ...]) -> bytes:
    book, packed = Workbook(), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(list(row))
    book.save(packed)
    return packed.getvalue()


def anyone(client: FlaskClient, data: str, name: str = "list.csv") -> TestResponse:
    file = (io.BytesIO(data.encode()), name)
    return submit(client, "/verify/list", file=file, content_type="multipart/form-data")


def test_every_row_is_answered_whatever_it_holds(certificate: Certificate, office: Office, browser_of: Browser) -> None:
    revoked, expired = (issue(office, make_person(name=name), **more) for name, more in (("王二", {}), EXPIRED))
    later = issue(office, make_person(name="赵四"), valid_from="2027-01-01", valid_until="2029-12-31")
    withdraw(revoked, office)
    rows = [
        f"{certificate.number},欧阳望岳",
        f"{certificate.code},",
        f"localhost:8000/credentials/{certificate.code}.json,欧阳·望岳",
        f"{certificate.number},张三",
        "JJC372026000010E,欧阳望岳",
        "JJC372026000010E,张三",
        "TM00000000,",
        f"https://elsewhere.example/credentials/{certificate.code},欧阳望岳",
        f"{revoked.number},王二",
        f"{revoked.number},王三",
        f"{expired.number},李三",
        f"{later.number},赵四",
        ",只有姓名",
        "\u200bJJC372026000001E,欧阳望岳",
        f"{'9' * 300},长",
    ]

    check = checked(browser_of(employer()), HEAD + "\n".join(rows))

    assert outcomes(check) == [
        *[RowOutcome.VALID] * 3,
        RowOutcome.NAME_DIFFERS,
        *[RowOutcome.NOT_FOUND] * 4,
        *[RowOutcome.REVOKED] * 2,
        RowOutcome.EXPIRED,
        RowOutcome.NOT_YET,
        *[RowOutcome.UNREADABLE] * 3,
    ]
    kept = session.scalars(select(CheckedRow).order_by(CheckedRow.line)).all()
    assert [row.near for row in kept[4:8]] == ["JJC372026000001E", None, None, None]
    assert [row.line for row in kept] == list(range(2, len(rows) + 2))
    assert kept[3].told == {}
    assert kept[8].told["reason"] == "false_papers"
    assert (kept[8].name_fits, kept[9].name_fits, kept[1].name_fits) == (True, False, None)
    assert check.counts == {one.value: outcomes(check).count(one) for one in set(outcomes(check))}
    assert "欧阳" not in str([row.told for row in kept])


EXPIRED = ("李三", {"valid_from": "2023-01-01", "valid_until": "2025-12-31"})


@pytest.mark.one_database
def test_a_workbook_is_read_and_a_rounded_figure_is_named(certificate: Certificate, browser_of: Browser) -> None:
    data = workbook(
        ("名单",), ("姓名", "证书编号"), ("欧阳望岳", certificate.number), ("王二", 12345678901234567890), ("", None)
    )

    check = checked(browser_of(employer()), data, name="list.xlsx")

    assert outcomes(check) == [RowOutcome.VALID, RowOutcome.UNREADABLE]


@pytest.mark.one_database
def test_a_list_that_cannot_be_checked_says_what_to_change(app: Flask, browser_of: Browser) -> None:
    del app
    page = upload(browser_of(employer()), b"PK\x03\x04broken")

    assert page.status_code == 422, page.text
    assert "无法读取" in page.text
    assert "技术转移岗位" in page.text, "nothing typed is lost"
    assert session.scalars(select(CertificateCheck)).all() == []


@pytest.mark.one_database
def test_nothing_is_checked_without_purpose_and_consent(app: Flask, browser_of: Browser) -> None:
    del app
    browser = browser_of(employer())
    for missing in ("purpose", "words", "consent", "number"):
        assert upload(browser, "X123456\n", **{missing: ""}).status_code == 422, missing
    assert session.scalars(select(CertificateCheck)).all() == []


def test_a_repeated_request_checks_once(certificate: Certificate, browser_of: Browser) -> None:
    browser = browser_of(employer())
    given = {"number": "0" * 26}

    first, second = (upload(browser, f"{certificate.number}\n", **given) for _time in range(2))

    assert first.location == second.location
    assert session.scalar(select(func.count()).select_from(CertificateCheck)) == 1


def test_a_long_list_is_answered_block_by_block_with_one_look_a_person(
    certificate: Certificate, browser_of: Browser, count_statements: Callable[[], list[str]]
) -> None:
    rows = [f"{certificate.number},欧阳望岳"] * 700 + [f"TM{number:08d},无名" for number in range(600)]
    browser = browser_of(employer())
    upload(browser, "\n".join(rows))
    sent = count_statements()

    while jobs.work(1):
        session.remove()
        waiting = browser.get("/employer/checks")
        assert waiting.status_code == 200

    check = session.scalars(select(CertificateCheck)).one()
    assert (check.done, check.total, check.counts) == (1300, 1300, {"valid": 700, "not_found": 600})
    looks = session.scalars(select(AccessLook).where(AccessLook.record_code == check.code)).all()
    assert 1 <= len(looks) <= 3, "one look a block at most, however many rows name the person"
    assert len([one for one in sent if one.startswith("INSERT INTO checked_row")]) == 3
    assert session.scalars(select(StagedFile)).all() == []


def test_a_killed_block_is_answered_once(
    certificate: Certificate, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(browser_of(employer()), f"{certificate.number},欧阳望岳\n" * 600)
    keep, calls = checks.keep_answers, iter([True, False, False, False])

    def dies_once(*args: object, **given: object) -> bool:
        done = keep(*args, **given)  # type: ignore[arg-type]
        if next(calls):
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(checks, "keep_answers", dies_once)
    with pytest.raises(KeyboardInterrupt):
        jobs.work()
    session.remove()
    jobs.work()

    check = session.scalars(select(CertificateCheck)).one()
    assert check.counts == {"valid": 600}
    assert session.scalar(select(func.count()).select_from(CheckedRow)) == 600


def test_the_holder_sees_who_checked_and_what_for(certificate: Certificate, browser_of: Browser) -> None:
    member = employer()
    check = checked(browser_of(member), f"{certificate.number},欧阳望岳")
    holder = make_member(Role.TRAINEE, NATION, person=session.get_one(Person, certificate.person_id))

    look = session.scalars(select(AccessLook).where(AccessLook.record_code == check.code)).one()
    assert (look.viewer_id, look.organisation_id, look.purpose) == (
        member.person.id,
        member.actor.organisation_id,
        Purpose.VERIFICATION,
    )
    for path in ("/me/looks", f"/my/certificates/{certificate.code}"):
        page = browser_of(holder).get(path).text
        for shown in ("经理quancheng", "泉城智造", "用人单位批量核验：招聘录用"):
            assert shown in page, path


@pytest.mark.one_database
def test_another_employers_check_is_not_there(certificate: Certificate, browser_of: Browser) -> None:
    check = checked(browser_of(employer()), f"{certificate.number}\n")
    other = browser_of(employer("jinan-other"))

    for ending in ("", ".csv", ".xlsx", ".jws"):
        assert other.get(f"/employer/checks/{check.code}{ending}").status_code == 404
    assert other.post(f"/employer/checks/{check.code}/sign").status_code == 404
    assert check.code not in other.get("/employer/checks").text


def test_anyone_tells_a_genuine_result_sheet_from_an_edited_one(
    certificate: Certificate, browser_of: Browser, client: FlaskClient
) -> None:
    browser = browser_of(employer())
    check = checked(
        browser, f"{certificate.number},张三\n{certificate.number},=cmd()\n{certificate.number},'欧阳望岳\n"
    )
    sheet = browser.get(f"/employer/checks/{check.code}.xlsx").data
    jws = browser.get(f"/employer/checks/{check.code}.jws").data

    genuine = sheet_page(client, sheet)
    assert "该结果单真实有效" in genuine
    assert "泉城智造" in genuine
    assert "招聘录用" in genuine
    assert "签名真实有效" in sheet_page(client, jws, "sheet.jws")
    assert "签名真实有效" in submit(client, "/verify/sheet", text=jws.decode()).text
    book = load_workbook(io.BytesIO(sheet))
    book["rows"].cell(2, 4).value = "valid"
    edited = io.BytesIO()
    book.save(edited)
    assert "与签名时不一致" in sheet_page(client, edited.getvalue())
    header, claims = read_sheet(jws.decode())
    assert (header["typ"], claims["rows"], claims["purpose"]) == ("jijing-check+jwt", 3, "recruitment")
    assert claims["digest"] == f"sha-256:{check.digest}"


def sheet_page(client: FlaskClient, data: bytes, name: str = "sheet.xlsx") -> str:
    file = (io.BytesIO(data), name)
    return submit(client, "/verify/sheet", file=file, content_type="multipart/form-data").text


@pytest.mark.one_database
def test_what_was_not_signed_here_is_no_result_sheet(client: FlaskClient, office: Office) -> None:
    del office
    for text, said in (
        ("", "请填写签名文本"),
        ("a.b", "无法识别"),
        ("e30.e30.e30", "不是核验结果单"),
        ("eyJ0eXAiOiJqaWppbmctY2hlY2srand0In0.e30.AA", "从来不是平台的密钥"),
    ):
        assert said in submit(client, "/verify/sheet", text=text).text, text
    assert "不是本站出具的核验结果单" in sheet_page(client, workbook(("a", "b")))


@pytest.mark.one_database
def test_a_changed_claim_breaks_the_signature_and_a_revoked_key_proves_nothing(
    certificate: Certificate, browser_of: Browser, office: Office
) -> None:
    check = checked(browser_of(employer()), f"{certificate.number}\n")
    head, claims, signature = str(check.sheet).split(".")

    assert sheets.verified_sheet(str(check.sheet)).claims
    assert sheets.verified_sheet(f"{head}.{claims[:-2]}.{signature}").fault in {
        "sheet-unreadable",
        "sheet-signature-wrong",
    }
    assert sheets.verified_sheet(f"{head}.e30.{signature}").fault == "sheet-signature-wrong"
    with unit_of_work():
        for key in session.scalars(select(SigningKey).where(SigningKey.body_id == office.body.id)):
            key.retired_at = key.revoked_at = DURING
    assert sheets.verified_sheet(str(check.sheet)).fault == "key-revoked"


def test_a_sheet_without_its_key_is_signed_later(
    certificate: Certificate, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = browser_of(employer())

    def unavailable(_check: CertificateCheck) -> str:
        raise UnavailableError("no key")

    with monkeypatch.context() as away:
        away.setattr(checks, "signed_sheet", unavailable)
        check = checked(browser, f"{certificate.number}\n")
        assert check.sheet is None
        assert browser.post(f"/employer/checks/{check.code}/sign").status_code == 302
    page = browser.get(f"/employer/checks/{check.code}").text
    assert "尚缺签名" in page
    assert browser.get(f"/employer/checks/{check.code}.jws").status_code == 404

    browser.post(f"/employer/checks/{check.code}/sign")

    assert browser.get(f"/employer/checks/{check.code}.jws").status_code == 200


def test_rows_are_deleted_on_the_promised_day_and_the_signature_stays(
    certificate: Certificate, browser_of: Browser, at_time: Callable[[datetime], None]
) -> None:
    browser = browser_of(employer())
    check = checked(browser, f"{certificate.number},欧阳望岳\n")
    assert check.forget_at == check.asked_at + timedelta(days=180)
    checking.forget()
    assert len(outcomes(check)) == 1

    at_time(check.forget_at)
    checking.forget()

    assert outcomes(check) == []
    page = browser.get(f"/employer/checks/{check.code}")
    assert "明细已按约定日期删除" in page.text
    assert browser.get(f"/employer/checks/{check.code}.xlsx").status_code == 404
    assert browser.get(f"/employer/checks/{check.code}.jws").status_code == 200


def test_the_result_is_filtered_and_exported(
    certificate: Certificate, browser_of: Browser, count_statements: Callable[[], list[str]]
) -> None:
    browser = browser_of(employer())
    check = checked(browser, f"{certificate.number},欧阳望岳\nTM99999999,=1+1\n")
    sent = count_statements()

    page = browser.get(f"/employer/checks/{check.code}?answer=not_found")

    assert len([one for one in sent if not one.startswith("BEGIN")]) <= 10, sent
    assert "TM99999999" in page.text
    assert str(certificate.number) not in page.text
    text = browser.get(f"/employer/checks/{check.code}.csv").data.decode("utf-8-sig")
    assert "'=1+1" in text
    assert "查无此编号" in text
    assert browser.get("/employer/checks/template.xlsx").data.startswith(b"PK")
    assert check.code in browser.get("/employer/checks").text


def test_a_check_that_is_not_finished_shows_how_far_it_is(certificate: Certificate, browser_of: Browser) -> None:
    browser = browser_of(employer())
    upload(browser, f"{certificate.number}\n")
    code = session.scalars(select(CertificateCheck.code)).one()

    page = browser.get(f"/employer/checks/{code}")

    assert "名单会继续核验" in page.text
    assert "data-poll" in page.text
    assert browser.get(f"/employer/checks/{code}.csv").status_code == 409


def test_of_a_long_list_the_page_shows_what_is_wrong_and_a_file_shows_all(
    certificate: Certificate, office: Office, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "BLOCK", 2)
    monkeypatch.setattr(lists, "LONGEST_PAGE", 1)
    revoked = issue(office, make_person(name="王二"))
    withdraw(revoked, office)
    data = f"{HEAD}{certificate.number},欧阳望岳\n{certificate.number},\n{revoked.number},王二\n"

    page = anyone(client, data).text
    file = (io.BytesIO(data.encode()), "list.csv")
    fields = {"as": "csv"}
    text = submit(client, "/verify/list", file=file, content_type="multipart/form-data", **fields)
    withdrawn, standing = str(revoked.number), str(certificate.number)

    assert "共3行，显示其中1行" in page
    assert (withdrawn in page, standing in page) == (True, False)
    assert (text.mimetype, [line.count(",") for line in text.text.splitlines()]) == ("text/csv", [4, 4, 4, 4])
    assert text.text.count(standing) == 2
    assert "不加签名" in page


def test_anyone_checks_a_short_list_without_learning_a_name(certificate: Certificate, client: FlaskClient) -> None:
    page = anyone(client, f"{HEAD}{certificate.number},\nJJC372026000010E,张三\n{certificate.number},张三\n,\nTM1,\n")

    assert page.status_code == 200
    for shown in ("有效", "姓名不符", "查无此编号"):
        assert shown in page.text
    assert "欧阳" not in page.text
    assert certificate.code not in page.text
    assert "JJC372026000001E" in anyone(client, "JJC37202600000IE,欧阳望岳").text
    assert "最多5000行" in anyone(client, "X123456\n" * 5001).text
    assert client.get("/verify/list/template.csv").status_code == 200


@pytest.mark.parametrize("path", ["/verify/list", "/verify"])
def test_anyone_checks_a_workbook(certificate: Certificate, client: FlaskClient, path: str) -> None:
    data = workbook(
        ("证书编号", "姓名"),
        (certificate.number, "欧阳望岳"),
        (certificate.number, "张三"),
        (12345678901234567890, "王二"),
    )

    page = submit(client, path, file=(io.BytesIO(data), "名单.xlsx"), content_type="multipart/form-data")

    assert page.status_code == 200
    for shown in ("有效", "姓名不符", "该行无法识别"):
        assert shown in page.text
    assert certificate.code not in page.text


def test_a_guesser_is_slowed_and_an_honest_list_is_not(
    certificate: Certificate, client: FlaskClient, browser_of: Browser
) -> None:
    honest = f"{certificate.number},欧阳望岳\n" * 300 + "TM1\n"
    for _day in range(5):
        assert anyone(client, honest).status_code == 200
    assert session.scalar(select(func.sum(Throttle.failures))) in {None, 5}

    guesses = "".join(f"JJC37202600{number:04d}X,\n" for number in range(FREE_GUESSES))
    refused = anyone(client, guesses)
    assert refused.status_code == 429
    assert "查无此编号" not in refused.text, "a refused list is not answered"
    assert anyone(client, honest).status_code == 429, "else the refusal itself would tell hits from misses"

    signed_in = browser_of(employer())
    assert anyone(signed_in, honest).status_code == 200
    assert upload(signed_in, guesses).status_code == 302, "an employer gives a purpose and is known"
    with unit_of_work():
        session.execute(update(Throttle).values(last_at=clock.real_now() - timedelta(minutes=30)))
    assert anyone(client, honest).status_code == 200, "waiting helps"


def test_guessing_names_costs_as_much_as_guessing_numbers(certificate: Certificate, client: FlaskClient) -> None:
    names = "".join(f"{certificate.number},姓{number}\n" for number in range(FREE_GUESSES + 1))

    assert anyone(client, names).status_code == 429


def test_whoever_signed_in_leaves_a_look(certificate: Certificate, browser_of: Browser) -> None:
    reader = make_member(Role.BASE, NATION)

    anyone(browser_of(reader), f"{certificate.number}\n")

    look = session.scalars(select(AccessLook)).one()
    assert (look.viewer_id, look.record_type) == (reader.person.id, "certificate_list")


def test_a_list_given_to_the_check_of_one_certificate_is_answered_too(
    certificate: Certificate, client: FlaskClient
) -> None:
    file = (io.BytesIO(f"{certificate.number},张三\n".encode()), "List.CSV")

    page = submit(client, "/verify", file=file, content_type="multipart/form-data")

    assert page.status_code == 200
    assert "姓名不符" in page.text
    broken = submit(client, "/verify", file=(io.BytesIO(b"\x00"), "x.csv"), content_type="multipart/form-data")
    assert broken.status_code == 422
    assert "既不是工作簿" in broken.text


def test_guessing_one_number_after_the_other_is_slowed(certificate: Certificate, client: FlaskClient) -> None:
    assert client.get("/verify", query_string={"q": "TM0000000001"}).status_code == 404
    with unit_of_work():
        session.execute(update(Throttle).values(failures=FREE_GUESSES))

    for number in ("TM0000000002", certificate.number):
        page = client.get("/verify", query_string={"q": number})
        assert page.status_code == 429
        assert "查无记录的编号过多" in page.text
    file = (io.BytesIO(str(certificate.credential).encode()), "credential.json")
    assert submit(client, "/verify", file=file, content_type="multipart/form-data").status_code == 200
