"""A PDF that was sealed without proofs gets them as soon as they can be had: its signed bytes and its facts stay."""

import io
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from flask import Flask
from flask.testing import FlaskClient
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext
from sqlalchemy import func, select, update

from app.core import clock, files, jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, UnavailableError
from app.core.events import Event
from app.core.files import StoredFile
from app.core.jobs import Job, JobState
from app.core.signing import Algorithm
from app.credentials import paper, personal_data, queries, seal_jobs, verification
from app.credentials.models import Certificate, EarlierPaper
from app.credentials.queries import seals
from app.credentials.services import bodies, completing
from app.credentials.states import SealLevel
from app.settings import Settings
from tests.authority import Issuer, pem
from tests.factories.accounts import Member
from tests.factories.credentials import ISSUED_AT, Office, issue
from tests.factories.seals import blank, certified, der, seal_key, years_later
from tests.integration.credentials.runners import runners_of
from tests.revocation import Responder
from tests.timestamping import LocalAuthority

pytestmark = [pytest.mark.usefixtures("timed", "with_paper")]

Browser = Callable[[Member], FlaskClient]
DONE = "credentials.seal_completed"


@pytest.fixture(name="chain")
def _chain(sealing: x509.Certificate, below: Issuer, root: Issuer) -> str:
    return pem(sealing, below.certificate, root.certificate)


@pytest.fixture(name="plain_sheets")
def _plain_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the drawing: what is sealed is an empty page."""
    monkeypatch.setattr(paper, "draw_sheet", lambda *_given, **_named: blank())


def now(certificate: Certificate) -> Certificate:
    session.rollback()
    session.expire_all()
    return session.get_one(Certificate, certificate.id)


def file_of(certificate: Certificate) -> bytes:
    stored = queries.pdf_of(now(certificate))
    assert stored is not None
    return files.load(stored)


def happened() -> list[Event]:
    return list(session.scalars(select(Event).where(Event.kind == DONE).order_by(Event.id)))


def codes_of(content: bytes) -> list[str]:
    """Return what is wrong with a file that is handed in to be checked."""
    answer = verification.verify_input(content, at=clock.now())
    assert isinstance(answer, verification.Answer)
    return [] if answer.verdict.valid else [one.code for one in answer.verdict.checks if one.result != "pass"]


def count(model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_file_is_completed_when_the_proofs_can_be_had(
    office: Office, said: Responder, chain: str, root: Issuer, tsa: LocalAuthority, browser_of: Browser
) -> None:
    # given a certificate issued while nobody could be asked about its seal
    certified(office, chain)
    made = issue(office)
    before, credential = file_of(made), made.credential
    page, batch = f"/issuing/certificates/{made.code}", f"/issuing/batches/{queries.batches(office.body.id)[0].code}"
    reader = browser_of(office.first)
    sealed = seals.fingerprint_of(seal_key(office).certificate or b"")
    assert (made.seal_level, made.sealed_under) == (SealLevel.TIMED, sealed)
    assert not years_later(before, der(root.certificate), tsa.root).trusted
    shown = reader.get(page).text.replace("\u2009", "")
    assert all(words in shown for words in ("签名并加时间戳", "PDF文件未附吊销数据", "一小时内自动补入"))
    seal_jobs.complete_seals()
    assert session.scalar(select(Job.id).where(Job.kind == completing.JOB)) is None, "nothing can be completed yet"

    # when the issuers hand in where the authorities are asked
    stamped = len(tsa.asked)
    certified(office, chain, ocsp=said.at("/ocsp"))
    asked = list(said.asked)
    jobs.work()

    # then the file is longer, proves itself to who trusts the roots, and begins with what it was
    after = file_of(made)
    assert (now(made).seal_level, len(tsa.asked), said.asked) == (SealLevel.LASTING, stamped, asked)
    assert after.startswith(before)
    assert len(after) > len(before)
    found = years_later(after, der(root.certificate), tsa.root)
    assert (found.bottom_line, found.trusted, found.timestamp_validity.trusted) == (True, True, True)
    assert now(made).credential == credential
    earlier = session.scalars(select(EarlierPaper)).one()
    kept = session.get_one(StoredFile, earlier.pdf_file_id)
    assert (files.load(kept), earlier.seal_level) == (before, SealLevel.TIMED)
    told = happened()[0]
    assert (told.subject_code, told.data["earlier"], told.data["level"]) == (made.code, kept.sha256, "b-lt")

    # and both files verify, the pages say how far it came, and nothing is left to be done
    assert [codes_of(one) for one in (before, after)] == [[], []]
    shown = reader.get(page).text.replace("\u2009", "")
    assert "签名并加时间戳，附证书未被吊销的证明（B-LT级）" in shown
    assert "PDF文件签章已补入吊销证明" in shown
    assert "PDF文件未附吊销数据" not in shown
    assert "按B-LT级签章的PDF文件" in reader.get(batch).text.replace("\u2009", "")
    english = reader.get(f"/credentials/{made.code}", headers={"Accept-Language": "en"}).text
    assert re.search(r"Seal of the PDF file: B-LT", english)
    seal_jobs.complete_seals()
    jobs.work()
    assert (len(happened()), file_of(made)) == (1, after)
    assert session.scalars(select(Job.state).where(Job.kind == completing.JOB)).all() == [JobState.DONE]


@pytest.mark.usefixtures("plain_sheets")
def test_a_runner_that_dies_completes_each_file_once(
    app: Flask, office: Office, said: Responder, chain: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    certified(office, chain)
    made = [issue(office) for _one in range(3)]
    before = {one.id: file_of(one) for one in made}
    with unit_of_work():
        session.execute(update(Certificate).where(Certificate.id == made[0].id).values(sealed_under=None))
    monkeypatch.setattr(seal_jobs, "complete_seals", lambda: None)
    certified(office, chain, ocsp=said.at("/ocsp"))
    with unit_of_work():
        job = completing.start_where_due()
    assert job is not None
    assert job.total == len(made)

    points = ("before_complete", "in_complete", "in_complete:2", "before_complete:2", "nowhere")
    with runners_of(app, tmp_path) as run_and_die:
        ends = run_and_die(points)

    assert [end for end in ends.values() if end] == [-signal.SIGKILL] * 4, ends
    done = session.scalars(select(Job).where(Job.kind == completing.JOB)).one()
    assert (done.state, done.done, done.result["completed"]) == (JobState.DONE, 3, 3)
    assert {now(one).seal_level for one in made} == {SealLevel.LASTING}
    assert {now(one).sealed_under for one in made} == {seals.fingerprint_of(seal_key(office).certificate or b"")}
    assert all(file_of(one).startswith(before[one.id]) for one in made)
    assert (count(EarlierPaper), len(happened())) == (3, 3)


@pytest.mark.usefixtures("plain_sheets")
def test_what_changed_meanwhile_is_left_and_a_damaged_file_holds_up_no_other(
    office: Office, said: Responder, chain: str
) -> None:
    # given four certificates whose files wait
    certified(office, chain)
    erased, moved, damaged, whole = made = [issue(office) for _one in range(4)]
    stored = queries.pdf_of(now(damaged))
    assert stored is not None
    files.path_of(stored.sha256).write_bytes(b"not what was kept")
    certified_without_job(office, chain, said)
    with unit_of_work():
        job = completing.start_where_due()
        assert job is not None

    # when two change after the longer files were made
    ready = seal_jobs.next_completed(job)
    assert (len(ready.made), ready.skipped) == (3, 1)
    with unit_of_work():
        personal_data._forget(erased.person_id or 0)
        session.execute(update(Certificate).where(Certificate.id == moved.id).values(version=Certificate.version + 1))
    with unit_of_work():
        assert completing.keep(ready.made, at=ISSUED_AT) == 1

    # then only what is as it was read gets its longer file
    levels = [now(one).seal_level for one in made]
    assert levels == [SealLevel.TIMED, SealLevel.TIMED, SealLevel.TIMED, SealLevel.LASTING]
    assert now(erased).pdf_file_id is None
    jobs.work()
    done = session.scalars(select(Job).where(Job.kind == completing.JOB)).one()
    assert (done.state, done.result["completed"], done.result["skipped"]) == (JobState.DONE, 1, 1)
    assert [now(one).seal_level for one in (moved, damaged)] == [SealLevel.LASTING, SealLevel.TIMED]

    # and an erasure takes both files off the disk, and no other
    both = [files.path_of(one) for one in happened()[0].data.values() if one != "b-lt"]
    assert [one.exists() for one in both] == [True, True]
    with unit_of_work():
        personal_data._forget(whole.person_id or 0)
    assert [one.exists() for one in both] == [True, True], "before the erasure stands"
    jobs.work()
    assert [one.exists() for one in both] == [False, False]
    gone = session.scalars(select(EarlierPaper.pdf_file_id).where(EarlierPaper.certificate_id == whole.id)).all()
    assert gone == [None]
    assert file_of(moved)
    with pytest.raises(ConflictError, match="sealed_under"), unit_of_work():
        session.execute(update(Certificate).where(Certificate.id == moved.id).values(seal_level=None))


def certified_without_job(office: Office, chain: str, said: Responder) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(seal_jobs, "complete_seals", lambda: None)
        certified(office, chain, ocsp=said.at("/ocsp"))


@pytest.mark.usefixtures("plain_sheets")
def test_files_of_a_retired_key_are_completed_and_those_under_a_replaced_certificate_are_not(
    office: Office, said: Responder, chain: str, browser_of: Browser
) -> None:
    # given a file under a chain whose responder is down, and then another key
    said.instead["/ocsp"] = b"no answer"
    certified(office, chain, ocsp=said.at("/ocsp"))
    made, lost = issue(office), issue(office)
    with unit_of_work():
        session.execute(update(Certificate).where(Certificate.id == lost.id).values(sealed_under="0" * 64))
        bodies.rotate_key(office.body, Algorithm.RSA, by=office.first.actor, at=ISSUED_AT)
    assert now(made).seal_level is SealLevel.TIMED

    # when the responder answers again
    said.instead.clear()
    seal_jobs.ask_authorities()
    seal_jobs.complete_seals()
    jobs.work()

    # then the retired key's file is completed, and of the other the page says that it cannot be
    assert [now(one).seal_level for one in (made, lost)] == [SealLevel.LASTING, SealLevel.TIMED]
    shown = browser_of(office.first).get(f"/issuing/certificates/{lost.code}").text.replace("\u2009", "")
    assert "已被更换，无法再补入证明" in shown
    said.asked.clear()
    seal_jobs.ask_authorities()
    assert said.asked == [], "a retired key is asked about only while a file waits"


@pytest.fixture(name="untimed")
def _untimed(settings: Settings, office: Office, monkeypatch: pytest.MonkeyPatch) -> list[Certificate]:
    """Certificates that were sealed before there was a time-stamp authority."""
    url = settings.tsa_url
    monkeypatch.setattr(settings, "tsa_url", None)
    made = [issue(office) for _one in range(3)]
    assert {one.seal_level for one in made} == {SealLevel.BASIC}
    seal_jobs.time_seals()
    assert session.scalar(select(Job.id).where(Job.kind == completing.TIME_JOB)) is None, "there is nobody to ask"
    monkeypatch.setattr(settings, "tsa_url", url)
    return made


def test_a_seal_without_a_time_gets_one_once_there_is_an_authority(
    office: Office, untimed: list[Certificate], tsa: LocalAuthority
) -> None:
    before = {one.id: file_of(one) for one in untimed}
    sealing = seal_key(office).certificate or b""

    seal_jobs.time_seals()
    seal_jobs.time_seals()
    jobs.work()

    for one in untimed:
        after = file_of(one)
        assert after.startswith(before[one.id])
        seal, *others = PdfFileReader(io.BytesIO(after)).embedded_signatures
        (stamp,) = others
        anchored = ValidationContext(trust_roots=[asn1.Certificate.load(sealing)], allow_fetching=False)
        found = validate_pdf_signature(seal, anchored)
        assert (found.intact, found.valid, found.docmdp_ok, found.modification_level) == (
            True,
            True,
            True,
            ModificationLevel.LTA_UPDATES,
        )
        trusting = ValidationContext(trust_roots=[asn1.Certificate.load(tsa.root)], allow_fetching=False)
        assert validate_pdf_timestamp(stamp, trusting).trusted
        assert [codes_of(content) for content in (before[one.id], after)] == [[], []]
        assert now(one).sealed_under == seals.fingerprint_of(sealing)
    told = list(session.scalars(select(Event).where(Event.kind == "credentials.seal_timed")))
    assert [one.data["level"] for one in told] == ["b-t"] * 3
    assert {one.seal_level for one in session.scalars(select(EarlierPaper))} == {SealLevel.BASIC}
    assert session.scalars(select(Job.state).where(Job.kind == completing.TIME_JOB)).all() == [JobState.DONE]
    assert seals.count_untimed() == 0

    # and what was proven meanwhile is added behind the time, as to any other
    seal_jobs.complete_seals()
    jobs.work()
    assert {now(one).seal_level for one in untimed} == {SealLevel.LASTING}


@pytest.mark.usefixtures("plain_sheets")
def test_a_runner_that_dies_has_each_file_stamped_once(app: Flask, untimed: list[Certificate], tmp_path: Path) -> None:
    with unit_of_work():
        assert completing.start_timing_where_due() is not None

    with runners_of(app, tmp_path) as run_and_die:
        ends = run_and_die(("before_time", "in_complete", "nowhere"))

    assert [end for end in ends.values() if end] == [-signal.SIGKILL] * 2, ends
    assert {now(one).seal_level for one in untimed} == {SealLevel.TIMED}
    assert count(EarlierPaper) == 3


@pytest.mark.usefixtures("plain_sheets")
def test_an_authority_that_is_down_leaves_files_as_they_are(
    untimed: list[Certificate], tsa: LocalAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = queries.pdf_of(now(untimed[0]))
    assert stored is not None
    before = file_of(untimed[1])
    with unit_of_work():
        job = completing.start_timing_where_due()
    assert job is not None
    with monkeypatch.context() as patched:
        patched.setitem(tsa.instead, "/tsa", b"no token")
        with pytest.raises(UnavailableError):
            seal_jobs.next_timed(job)
    assert (now(untimed[1]).seal_level, file_of(untimed[1])) == (SealLevel.BASIC, before)

    # a damaged file holds up no other
    files.path_of(stored.sha256).write_bytes(b"not what was kept")
    jobs.work()
    assert [now(one).seal_level for one in untimed] == [SealLevel.BASIC, SealLevel.TIMED, SealLevel.TIMED]
