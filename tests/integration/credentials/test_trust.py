"""The trust bundle and what phones keep: always current, without persons, and enough to check without network."""

import io
import json
import zipfile
from base64 import urlsafe_b64decode
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, event, func, select

from app.core import clock
from app.core.clock import real_now
from app.core.db import db, session, unit_of_work
from app.core.signing import Algorithm
from app.credentials import bundling, queries, services, upkeep
from app.credentials.models import Certificate, Delegation, TrustBundle
from app.credentials.queries.trust import latest_bundle
from app.credentials.rules import cose
from app.credentials.services import status_lists, trust
from app.credentials.services.bodies import rotate_key
from app.credentials.states import CertificateKind, RevocationReason, SuspensionReason
from tests.factories.accounts import make_person
from tests.factories.credentials import ISSUED_AT, Office, issue, make_office
from tests.factories.delegations import delegate

pytestmark = pytest.mark.one_database

NAME = "欧阳㛃"


def run(app: Flask, *words: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=["credentials", *(str(word) for word in words)])


def checks(result: Result) -> dict[str, tuple[str, str]]:
    return {one["name"]: (one["result"], one["code"]) for one in json.loads(result.stdout)["checks"]}


def revoke(office: Office, certificate: Certificate) -> None:
    with unit_of_work():
        services.revoke(
            queries.certificate(certificate.code),
            reason=RevocationReason.EXAM_BREACH,
            note="",
            by=office.first.actor,
            at=ISSUED_AT,
        )


@pytest.fixture(name="certificate")
def _certificate(office: Office) -> Certificate:
    return issue(office, make_person(name=NAME))


@pytest.fixture(name="folder")
def _folder(app: Flask, certificate: Certificate, tmp_path: Path) -> Path:
    (tmp_path / "credential.json").write_text(certificate.credential or "")
    (tmp_path / "credential.jwt").write_text(certificate.jwt or "")
    (tmp_path / "qr.txt").write_text(f"{certificate.qr}\n")
    (tmp_path / "digits.txt").write_text((certificate.qr or "").partition("#")[2])
    cose.draw(certificate.qr or "").save(str(tmp_path / "photo.png"), scale=4, border=4)
    assert run(app, "trust", tmp_path / "trust.zip").exit_code == 0
    return tmp_path


FORMS = ["credential.json", "credential.jwt", "qr.txt", "digits.txt", "photo.png"]


@pytest.mark.parametrize("form", FORMS)
def test_a_bundle_alone_decides_without_network(app: Flask, folder: Path, form: str) -> None:
    result = run(app, "verify", folder / form, "--offline", "--trust", folder / "trust.zip", "--json")

    assert result.exit_code == 0
    assert checks(result)["authority"] == ("pass", "issuer-ours")
    assert checks(result)["revocation"] == ("pass", "not-revoked-by-list")
    told = json.loads(result.stdout)["trust"][0]
    assert (told["authority"], told["days"]) == ("did:web:localhost%3A8000", 0)


@pytest.mark.parametrize("form", FORMS)
def test_a_later_bundle_knows_the_revocation(
    app: Flask, folder: Path, office: Office, certificate: Certificate, form: str
) -> None:
    revoke(office, certificate)
    run(app, "trust", folder / "later.zip")

    before = run(app, "verify", folder / form, "--offline", "--trust", folder / "trust.zip")
    after = run(app, "verify", folder / form, "--offline", "--trust", folder / "later.zip", "--json")

    assert before.exit_code == 0
    assert after.exit_code == 1
    assert checks(after)["revocation"] == ("fail", "revoked-by-list")


@pytest.mark.parametrize("form", ["credential.json", "qr.txt"])
def test_a_later_bundle_and_the_phone_know_the_suspension(
    app: Flask, client: FlaskClient, folder: Path, office: Office, certificate: Certificate, form: str
) -> None:
    with unit_of_work():
        services.suspend(
            queries.certificate(certificate.code),
            reason=SuspensionReason.INVESTIGATION,
            until=None,
            note="",
            by=office.first.actor,
            at=ISSUED_AT,
        )
    run(app, "trust", folder / "later.zip")

    after = run(app, "verify", folder / form, "--offline", "--trust", folder / "later.zip", "--json")
    kept = next(iter(client.get("/v/trust.json").get_json()["lists"].values()))

    assert after.exit_code == 1
    assert checks(after)["suspension"] == ("fail", "suspended-by-list")
    assert checks(after)["revocation"] == ("pass", "not-revoked-by-list")
    assert (kept["revoked"], kept["suspended"] == "131072:") == ("131072:", False)


@pytest.mark.parametrize("form", ["credential.json", "qr.txt"])
def test_without_a_list_it_is_unchecked_and_could_not_be_decided(app: Flask, folder: Path, form: str) -> None:
    with zipfile.ZipFile(folder / "trust.zip") as archive:
        (folder / "did.json").write_bytes(archive.read("did/authority.json"))

    only_keys = run(app, "verify", folder / form, "--offline", "--trust", folder / "did.json", "--json")
    nothing = run(app, "verify", folder / form, "--offline", "--json")

    assert (only_keys.exit_code, nothing.exit_code) == (3, 3)
    assert checks(only_keys)["signature"] == ("pass", "signature-good")
    assert checks(only_keys)["revocation"] == ("unchecked", "no-status-list")
    assert checks(only_keys)["authority"] == ("unchecked", "authority-offline")
    assert checks(nothing)["signature"] == ("unknown", "issuer-unknown")


def test_single_documents_decide_on_a_code_as_a_bundle_does(app: Flask, folder: Path) -> None:
    with zipfile.ZipFile(folder / "trust.zip") as archive:
        (folder / "did.json").write_bytes(archive.read("did/authority.json"))
        names = [one for one in archive.namelist() if one.startswith("status/")]
        name = next(one for one in names if "suspension" not in one)
        (folder / "list.json").write_bytes(archive.read(name))
    words = ("verify", folder / "qr.txt", "--offline", "--json", "--trust", folder / "did.json")

    good = run(app, *words, "--trust", folder / "list.json")
    broken = (folder / "list.json").read_text().replace('"proofValue": "z', '"proofValue": "z1')
    (folder / "broken.json").write_text(broken)

    assert good.exit_code == 0
    assert checks(good)["revocation"] == ("pass", "not-revoked-by-list")
    assert checks(run(app, *words, "--trust", folder / "broken.json"))["revocation"][0] == "unchecked"


def test_a_changed_code_fails_and_a_bundle_of_a_stranger_is_refused(app: Flask, folder: Path) -> None:
    text = (folder / "qr.txt").read_text().strip()
    sealed = cose.read_address(text)
    changed = bytearray(sealed)
    changed[-1] ^= 1
    (folder / "changed.txt").write_text(cose.qr_address("http://localhost:8000", bytes(changed)))
    content = bytearray((folder / "trust.zip").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "damaged.zip").write_bytes(content)

    failed = run(app, "verify", folder / "changed.txt", "--offline", "--trust", folder / "trust.zip", "--json")
    refused = run(app, "verify", folder / "qr.txt", "--offline", "--trust", folder / "damaged.zip")

    assert failed.exit_code == 1
    assert checks(failed)["signature"] == ("fail", "signature-wrong")
    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert refused.stderr.strip()


def test_what_only_leads_to_a_certificate_leads_nowhere_without_network(
    app: Flask, folder: Path, certificate: Certificate
) -> None:
    (folder / "number.txt").write_text(certificate.number or "")
    (folder / "cut.png").write_bytes((folder / "photo.png").read_bytes()[:-4])

    number = run(app, "verify", folder / "number.txt", "--offline", "--trust", folder / "trust.zip", "--json")
    broken = run(app, "verify", folder / "cut.png", "--offline", "--trust", folder / "trust.zip", "--json")

    assert checks(number)["format"] == ("fail", "reference-offline")
    assert checks(broken)["format"] == ("fail", "png-broken")


def test_a_pdf_is_checked_with_its_text_and_seal_by_the_bundle_alone(
    app: Flask, with_paper: None, office: Office, tmp_path: Path
) -> None:
    del with_paper
    certificate = issue(office)
    assert run(app, "export", certificate.code, "--as", "pdf", tmp_path / "sheet.pdf").exit_code == 0
    run(app, "trust", tmp_path / "trust.zip")

    result = run(app, "verify", tmp_path / "sheet.pdf", "--offline", "--trust", tmp_path / "trust.zip", "--json")

    assert result.exit_code == 0
    assert checks(result)["text"] == ("pass", "text-good")
    assert checks(result)["seal"] == ("pass", "seal-good")


def test_a_photo_of_the_code_leads_to_the_certificate_online(
    app: Flask, folder: Path, certificate: Certificate, office: Office
) -> None:
    forged = cose.read_address(certificate.qr or "")
    forged = forged[:-1] + bytes([forged[-1] ^ 1])
    (folder / "forged.txt").write_text(cose.qr_address("http://localhost:8000", forged))

    good, bad = run(app, "verify", folder / "photo.png", "--json"), run(app, "verify", folder / "forged.txt", "--json")
    revoke(office, certificate)

    assert good.exit_code == 0
    assert checks(bad)["signature"] == ("fail", "signature-wrong")
    assert run(app, "verify", folder / "photo.png").exit_code == 1


def test_how_old_a_bundle_is_is_said(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later = real_now() + timedelta(days=17, hours=1)
    monkeypatch.setattr(clock, "real_now", lambda: later)

    told = run(app, "verify", folder / "qr.txt", "--offline", "--trust", folder / "trust.zip").stdout

    assert "17" in told.splitlines()[0]


def test_a_pinned_authority_refuses_a_bundle_signed_by_other_keys(app: Flask, folder: Path, office: Office) -> None:
    pinned = queries.did_document(office.body)
    pinned["verificationMethod"] = [one for one in pinned["verificationMethod"] if "zDn" not in one["id"]]
    (folder / "pinned.json").write_text(json.dumps(pinned))
    words = ("--offline", "--trust", folder / "trust.zip", "--trust", folder / "pinned.json")

    refused = run(app, "verify", folder / "credential.json", *words)

    assert refused.exit_code == 1
    assert "\n" not in refused.stderr.strip()


def test_every_body_and_every_key_it_ever_had_is_in_the_bundle(app: Flask, office: Office, tmp_path: Path) -> None:
    other = make_office(slug="second-centre", platform=False)
    delegate(office, other.body)
    with unit_of_work():
        rotate_key(other.body, Algorithm.P256, by=None, at=ISSUED_AT)
    delegate(office, other.body)
    issue(other)
    run(app, "trust", tmp_path / "trust.zip")

    with zipfile.ZipFile(tmp_path / "trust.zip") as archive:
        bodies = json.loads(archive.read("bodies.json"))["bodies"]
        contexts = json.loads(archive.read("contexts.json"))
        assert {sha256(archive.read(one["file"])).hexdigest() for one in contexts.values()} == {
            one["sha256"] for one in contexts.values()
        }
        lists = [name for name in archive.namelist() if name.startswith("status/")]
        tokens = [archive.read(name).decode() for name in lists if name.endswith(".jwt")]
        second = json.loads(archive.read("did/second-centre.json"))
        names = archive.namelist()
        guide = archive.read("README.zh.md").decode()

    assert {one["did"] for one in bodies} == {office.body.did, other.body.did}
    assert [one["authority"] for one in bodies] == ["yes", "no"]
    assert sum("zDn" in one["id"] for one in second["verificationMethod"]) == 2
    assert {"contexts.json", "README.en.md", "did/authority.json"} <= set(names)
    assert "sha256sum" in guide
    assert contexts
    assert 2 * len(tokens) == len(lists) > 0
    assert {json.loads(urlsafe_b64decode(one.split(".")[0] + "=="))["typ"] for one in tokens} == {"vc+jwt"}


def test_a_code_of_a_delegate_is_checked_against_what_was_delegated(
    app: Flask, client: FlaskClient, office: Office, tmp_path: Path
) -> None:
    """The bundle and the phone know the scope; a body that was delegated nothing has no authority in either."""
    other = make_office(slug="second-centre", platform=False)
    given = delegate(office, other.body, kinds=(CertificateKind.CAPABILITY,), levels=("junior",))
    (tmp_path / "qr.txt").write_text(issue(other).qr or "")
    run(app, "trust", tmp_path / "trust.zip")
    words = ("verify", tmp_path / "qr.txt", "--offline", "--json", "--trust")

    covered = run(app, *words, tmp_path / "trust.zip")
    kept = {one["did"]: one["scopes"] for one in client.get("/v/trust.json").get_json()["bodies"]}
    with unit_of_work():
        session.execute(delete(Delegation).where(Delegation.id == given.id))
    run(app, "trust", tmp_path / "without.zip")
    without = run(app, *words, tmp_path / "without.zip")

    assert covered.exit_code == 0
    assert checks(covered)["authority"] == ("pass", "scope-covered")
    assert kept[office.body.did] is None
    assert [(one["kinds"], one["levels"]) for one in kept[other.body.did]] == [(["capability"], ["junior"])]
    assert without.exit_code == 1
    assert checks(without)["authority"] == ("fail", "scope-none")


def test_the_bundle_is_built_on_change_and_each_day_and_old_ones_go(office: Office, certificate: Certificate) -> None:
    at = real_now()

    def built(later: timedelta) -> bool:
        upkeep.keep_lists()
        with unit_of_work():
            return trust.keep_bundle(at=at + later)

    assert built(timedelta())
    assert not built(timedelta(hours=23))
    revoke(office, certificate)
    assert built(timedelta(hours=23))
    assert not built(timedelta(hours=24))
    assert built(timedelta(hours=48))
    kept = list(session.scalars(select(TrustBundle).order_by(TrustBundle.id)))
    assert [one.made_at for one in kept] == [at + timedelta(hours=23), at + timedelta(hours=48)]
    assert kept[0].fingerprint == kept[1].fingerprint


@pytest.mark.usefixtures("certificate")
def test_a_list_that_waits_to_be_signed_is_no_reason_to_build_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it is signed each reader gets one of that second: two looks a minute apart would differ by nothing else."""
    at = real_now()
    for later in (timedelta(), timedelta(minutes=1)):
        for asked in (bundling, status_lists):
            monkeypatch.setattr(asked, "real_now", lambda later=later: at + later)
        bundling.bundle_trust()

    assert session.scalar(select(func.count()).select_from(TrustBundle)) == 1


def test_without_a_body_of_the_platform_no_bundle_is_built(app: Flask, client: FlaskClient) -> None:
    bundling.bundle_trust()

    assert latest_bundle() is None
    assert client.get("/trust/bundle.zip").status_code == 503
    assert run(app, "trust", "/nonexistent/trust.zip").exit_code == 1
    assert client.get("/v/trust.json").get_json()["bodies"] == []


def test_anyone_downloads_the_bundle_its_list_and_its_signature(client: FlaskClient, certificate: Certificate) -> None:
    bundling.bundle_trust()

    packed = client.get("/trust/bundle.zip")
    manifest, signature = client.get("/trust/manifest.json"), client.get("/trust/manifest.jws")

    assert packed.mimetype == "application/zip"
    assert packed.headers["Access-Control-Allow-Origin"] == "*"
    with zipfile.ZipFile(io.BytesIO(packed.data)) as archive:
        assert archive.read("manifest.json") == manifest.data
        assert archive.read("manifest.jws") == signature.data
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert NAME.encode() not in everything
    assert certificate.code.encode() not in everything
    assert f"status/{queries.lists_of_batch(certificate.batch_id)[0].code}.json" in manifest.text


def test_what_a_phone_keeps_names_bodies_keys_and_lists_and_nobody(
    client: FlaskClient, office: Office, certificate: Certificate
) -> None:
    make_office(slug="second-centre", platform=False)
    sent: list[str] = []

    def note(*given: Any) -> None:  # noqa: ANN401 - what the event gives
        sent.append(given[2])

    event.listen(db.engine, "before_cursor_execute", note)
    answer = client.get("/v/trust.json")
    event.remove(db.engine, "before_cursor_execute", note)

    told = answer.get_json()
    assert len(sent) <= 10
    assert [one["zh"] for one in told["bodies"]] == ["示例认证中心", "示例认证中心"]
    assert all(one["vouched"] for one in told["bodies"])
    assert {one["did"] for one in told["keys"]} == {office.body.did, f"{office.body.did}:issuers:second-centre"}
    assert next(iter(told["lists"].values()))["revoked"] == "131072:"
    assert NAME not in answer.text
    assert certificate.code not in answer.text


def test_the_page_is_the_same_for_everybody_and_says_what_to_do_without_script(client: FlaskClient) -> None:
    zh = client.get("/v", headers={"Accept-Language": "zh-CN"})
    en = client.get("/v", headers={"Accept-Language": "en"})

    assert zh.status_code == en.status_code == 200
    assert 'lang="zh-CN"' in zh.text
    assert "Check a QR code" in en.text
    for page in (zh, en):
        assert "<noscript>" in page.text
        assert 'href="/verify"' in page.text
        assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"]
        assert "csrf" not in page.text
        assert not page.headers.getlist("Set-Cookie")


def test_the_worker_answers_for_its_page_alone(client: FlaskClient) -> None:
    with client.get("/v/worker.js") as answer:
        assert answer.mimetype == "text/javascript"
        assert answer.headers["Service-Worker-Allowed"] == "/v"
        assert answer.cache_control.no_cache
