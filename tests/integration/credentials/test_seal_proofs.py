"""A seal carries the proof that no certificate of its chain was revoked, asked where issuers and operator allow.

What is not proven is sealed at B-T and said so; what is revoked seals nothing.
"""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from flask.testing import FlaskClient
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from sqlalchemy import select, update

from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError
from app.core.events import Event
from app.core.jobs import JobState
from app.credentials import queries, seal_jobs, services
from app.credentials.models import Certificate, SealProof, SigningKey
from app.credentials.services import bodies
from app.credentials.services import keys as orders
from app.credentials.states import CertificateState, KeyAct, SealLevel
from app.desk.models import Notice
from app.desk.queries import todos_of
from app.settings import Settings
from tests.authority import Issuer, certify, make_issuer, pem
from tests.factories.accounts import Member
from tests.factories.credentials import ISSUED_AT, Office, issue, make_batch, make_request
from tests.factories.seals import certified, der, faults, seal_key, sealed, years_later
from tests.revocation import NAMED, Responder, listed, responder
from tests.timestamping import LocalAuthority

pytestmark = [pytest.mark.usefixtures("timed"), pytest.mark.one_database]

Browser = Callable[[Member], FlaskClient]
PAGE = "/issuing/keys"


def test_the_proof_of_the_whole_chain_lies_in_the_file(
    office: Office, said: Responder, sealing: x509.Certificate, below: Issuer, root: Issuer, tsa: LocalAuthority
) -> None:
    chain = pem(sealing, below.certificate, root.certificate)
    assert sealed(office)[1] is SealLevel.LASTING, "a key that certifies itself proves itself"

    key = certified(office, chain, crl=said.at("/root.crl"), ocsp=said.at("/ocsp"))
    asked = list(said.asked)
    pdf, level = sealed(office)

    assert (level, faults(key)) == (SealLevel.LASTING, [None, None])
    kept = DocumentSecurityStore.read_dss(PdfFileReader(io.BytesIO(pdf)))
    assert len(kept.ocsps) == 2, "that of the key and that of the authority above it"
    found = years_later(pdf, der(root.certificate), tsa.root)
    assert (found.bottom_line, found.trusted, found.timestamp_validity.trusted) == (True, True, True)
    assert said.asked == asked, "sealing asks nobody"


def test_lists_alone_prove_a_chain_and_are_fetched_once(
    office: Office, said: Responder, sealing: x509.Certificate, below: Issuer, root: Issuer, tsa: LocalAuthority
) -> None:
    lists = f"{said.at('/below.crl')}\n{said.at('/root.crl')}\n"
    certified(office, pem(sealing, below.certificate, root.certificate), crl=lists)

    pdf, level = sealed(office)

    assert level is SealLevel.LASTING
    assert sorted(said.asked) == ["/below.crl", "/root.crl"]
    kept = DocumentSecurityStore.read_dss(PdfFileReader(io.BytesIO(pdf)))
    assert (len(kept.crls), len(kept.ocsps)) == (3, 0), "with that of the time stamp"
    assert years_later(pdf, der(root.certificate), tsa.root).bottom_line
    seal_jobs.ask_authorities()
    assert len(said.asked) == 2, "nothing is asked while the answers are young"
    with unit_of_work():
        session.execute(update(SealProof).values(begins_at=datetime(2020, 1, 1, tzinfo=UTC)))
    seal_jobs.ask_authorities()
    assert len(said.asked) == 4


@pytest.mark.parametrize(
    ("crl", "ocsp", "expected"),
    [
        ("", "", ["no-source", "no-source"]),
        ("/root.crl", "", ["none", None]),
        ("/nobody.crl", "", ["none", "none"]),
        ("/elsewhere.crl", "", ["unreachable", "unreachable"]),
        ("/large.crl", "", ["large", "large"]),
        ("/forged.crl\n/root.crl", "", ["none", None]),
        ("/below.crl\n/root.crl", "/broken", [None, None]),
        ("", "/broken", ["none", "none"]),
    ],
)
def test_what_is_not_proven_is_sealed_without_proof(
    office: Office,
    said: Responder,
    sealing: x509.Certificate,
    below: Issuer,
    root: Issuer,
    crl: str,
    ocsp: str,
    expected: list[str | None],
) -> None:
    said.elsewhere["/elsewhere.crl"] = said.at("/below.crl")
    said.instead["/large.crl"] = b"x" * 300_000
    said.instead["/forged.crl"] = listed(make_issuer("电子认证机构"), set())
    said.instead["/broken"] = b"no answer"
    addresses = ["\n".join(said.at(one) for one in given.splitlines()) for given in (crl, ocsp)]

    key = certified(office, pem(sealing, below.certificate, root.certificate), crl=addresses[0], ocsp=addresses[1])

    assert faults(key) == expected
    assert sealed(office)[1] is (SealLevel.LASTING if set(expected) == {None} else SealLevel.TIMED)


@pytest.mark.parametrize(
    ("ways", "crl", "ocsp", "expected"),
    [
        # a list of its issuer tells of a certificate that names a responder alone
        (("ocsp",), "/below.crl\n/root.crl", "", [None, None]),
        (("ocsp",), "/below.crl\n/root.crl", "/broken", [None, None]),
        # a certificate that names a list alone is not proven by a responder: readers do not ask there
        (("crl",), "", "/ocsp", ["not-named", "not-named"]),
        (("crl",), "/below.crl\n/root.crl", "/ocsp", [None, None]),
        ((), "/below.crl\n/root.crl", "", [None, None]),
    ],
)
def test_a_list_proves_a_certificate_whatever_it_names(
    office: Office,
    root: Issuer,
    tsa: LocalAuthority,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    ways: tuple[str, ...],
    crl: str,
    ocsp: str,
    expected: list[str | None],
) -> None:
    below = make_issuer("电子认证机构", root, named=NAMED, ways=ways)
    request = x509.load_pem_x509_csr(bodies.request_of(seal_key(office)))
    sealing = certify(request.public_key(), below, named=NAMED, ways=ways)
    with responder([sealing, below.certificate], root=root, below=below) as said:
        said.instead["/broken"] = b"no answer"
        monkeypatch.setattr(settings, "revocation_urls", f"{said.base}/")
        addresses = ["\n".join(said.at(one) for one in given.splitlines()) for given in (crl, ocsp)]
        key = certified(office, pem(sealing, below.certificate, root.certificate), crl=addresses[0], ocsp=addresses[1])

    pdf, level = sealed(office)

    assert faults(key) == expected
    assert level is (SealLevel.LASTING if set(expected) == {None} else SealLevel.TIMED)
    assert years_later(pdf, der(root.certificate), tsa.root).trusted is (level is SealLevel.LASTING)
    assert ("/ocsp" in said.asked) is ("ocsp" in ways and ocsp == "/ocsp")


def test_a_chain_without_its_root_is_not_proven(
    office: Office, said: Responder, sealing: x509.Certificate, below: Issuer
) -> None:
    key = certified(office, pem(sealing, below.certificate), ocsp=said.at("/ocsp"))

    assert (faults(key), said.asked) == (["root", "root"], [])
    assert sealed(office)[1] is SealLevel.TIMED


def test_an_answer_counts_until_its_end_and_not_longer(
    office: Office, said: Responder, sealing: x509.Certificate, below: Issuer, root: Issuer
) -> None:
    lists = f"{said.at('/below.crl')}\n{said.at('/root.crl')}"
    key = certified(office, pem(sealing, below.certificate, root.certificate), crl=lists)
    said.holds = -timedelta(minutes=1)
    with unit_of_work():
        session.execute(update(SealProof).values(begins_at=datetime(2020, 1, 1, tzinfo=UTC)))

    seal_jobs.ask_authorities()

    assert faults(key) == ["stale", "stale"]
    assert sealed(office)[1] is SealLevel.LASTING, "what was kept still holds"
    with unit_of_work():
        session.execute(update(SealProof).values(ends_at=datetime.now(UTC) + timedelta(minutes=5)))
    assert sealed(office)[1] is SealLevel.TIMED, "and would run out before the time stamp"


def test_an_address_that_the_operator_took_back_is_not_asked(
    office: Office,
    said: Responder,
    sealing: x509.Certificate,
    below: Issuer,
    root: Issuer,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "revocation_urls", f"{said.base}/")
    with unit_of_work():
        sources = orders.checked_sources(crl=said.at("/root.crl"), ocsp="")
    monkeypatch.setattr(settings, "revocation_urls", "https://crl.example/")
    with unit_of_work():
        order = orders.ask_key_order(
            seal_key(office),
            KeyAct.CERTIFY,
            reason="x",
            chain=pem(sealing, below.certificate, root.certificate),
            sources=sources,
            by=office.first.actor,
            at=ISSUED_AT,
        )
    with unit_of_work():
        orders.carry_out(session.merge(order), by=office.second.actor, at=ISSUED_AT)
    jobs.work()

    assert said.asked == []
    assert faults(seal_key(office)) == ["not-allowed", "not-allowed"]


@pytest.mark.parametrize("by", ["crl", "ocsp"])
def test_what_an_authority_revoked_seals_nothing_until_it_is_replaced(
    office: Office,
    said: Responder,
    sealing: x509.Certificate,
    below: Issuer,
    root: Issuer,
    browser_of: Browser,
    with_paper: None,
    by: str,
) -> None:
    del with_paper
    addresses = (
        {"crl": f"{said.at('/below.crl')}\n{said.at('/root.crl')}"} if by == "crl" else {"ocsp": said.at("/ocsp")}
    )
    said.revoked.add(sealing.serial_number)
    chain = pem(sealing, below.certificate, root.certificate)

    certified(office, chain, **addresses)

    with pytest.raises(ConflictError, match="吊销"):
        sealed(office)
    assert [one.kind for one in todos_of(office.first.actor)] == ["credentials.replace_seal"]
    jobs.work()
    told = session.scalars(select(Notice.person_id).where(Notice.kind == "credentials.seal_revoked")).all()
    assert sorted(told) == sorted([office.first.person.id, office.second.person.id])
    page = browser_of(office.first).get(PAGE).text
    assert "吊销签章证书链中的证书" in page
    seal_jobs.ask_authorities()
    assert len(session.scalars(select(Event).where(Event.kind == "credentials.seal_revoked")).all()) == 1

    # a batch stops before its papers, says why, and goes on under another certificate
    make_request(office)
    batch = make_batch(office)
    with unit_of_work():
        services.approve_batch(session.merge(batch), vouched=True, by=office.second.actor, at=ISSUED_AT)
    jobs.work()
    job = queries.job_of(batch)
    assert job is not None
    assert (job.state, job.result["step"]) == (JobState.FAILED, "render")
    assert "20" in (job.error or "")
    said.revoked.clear()
    seal_jobs.ask_authorities()
    assert todos_of(office.first.actor) == []
    with unit_of_work():
        jobs.retry_job(job.code)
    jobs.work()
    found = session.scalars(select(Certificate)).one()
    assert (found.state, found.seal_level) == (CertificateState.PUBLISHED, SealLevel.LASTING)


def test_the_pages_say_where_it_is_asked_what_is_missing_and_how_files_are_sealed(
    office: Office,
    said: Responder,
    sealing: x509.Certificate,
    below: Issuer,
    root: Issuer,
    browser_of: Browser,
    with_paper: None,
) -> None:
    del with_paper
    first, second = browser_of(office.first), browser_of(office.second)
    chain = pem(sealing, below.certificate, root.certificate)

    def hand_in(**given: str) -> Any:  # noqa: ANN401 - a test response
        data = {"seal-file": (io.BytesIO(chain.encode()), "chain.pem"), "seal-reason": "持牌机构签发", **given}
        return first.post(f"{PAGE}/seal-certificate", data=data, content_type="multipart/form-data")

    assert said.base in first.get(PAGE).text
    for field, url, says in (
        ("seal-crl", "http://10.0.0.1/root.crl", "REVOCATION_URLS"),
        ("seal-ocsp", "ftp://crl.example/", "http://"),
        ("seal-crl", f"{said.base}@10.0.0.1/", "http://"),
        ("seal-ocsp", "\n".join(said.at(f"/{number}") for number in range(9)), "太多"),
    ):
        refused = hand_in(**{field: url})
        assert (refused.status_code, says in refused.text) == (422, True), url
        assert url.splitlines()[0] in refused.text, "nothing typed is lost"
    sent = hand_in(**{"seal-crl": said.at("/root.crl")})
    assert said.at("/root.crl") in second.get(sent.location).text
    assert second.post(f"{sent.location}/carry-out").status_code == 302
    assert "B-T" in first.get(PAGE).text
    jobs.work()

    shown = first.get(PAGE).text
    for words in ("B-T", "PDF文件签章未附吊销数据", "吊销列表，有效至"):
        assert words in shown.replace("\u2009", ""), words
    assert "without revocation data" in first.get(PAGE, headers={"Accept-Language": "en"}).text
    made = issue(office)
    assert made.seal_level is SealLevel.TIMED
    batch = queries.batches(office.body.id)[0]
    assert "1份PDF文件未附吊销数据" in first.get(f"/issuing/batches/{batch.code}").text.replace("\u2009", "")


def test_an_order_alone_names_addresses(office: Office) -> None:
    key = queries.signing_key(office.body.id)
    with pytest.raises(ConflictError, match="sources"), unit_of_work():
        session.get_one(SigningKey, key.id).sources = "crl http://x/"
