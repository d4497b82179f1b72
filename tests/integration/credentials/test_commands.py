"""The commands of the room answer as interfaces promise: JSON on stdout, 0, 1 or 3."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from app.core.db import session, unit_of_work
from app.credentials import queries, services
from app.credentials.models import Batch, CertificateRequest
from app.credentials.rules.fields import fields_of
from app.credentials.rules.openbadge import read_certificate
from app.credentials.services.revocation import signed_list
from app.credentials.states import RevocationReason
from tests.factories.accounts import make_organisation, make_person
from tests.factories.credentials import ISSUED_AT, Office, fields, issue, make_request


def run(app: Flask, *words: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=["credentials", *(str(word) for word in words)])


def answer(result: Result) -> Any:  # noqa: ANN401 - any JSON
    return json.loads(result.stdout)


@pytest.fixture
def bundle(office: Office, tmp_path: Path) -> Path:
    """Give a folder with a credential, its issuer's DID document and its status list."""
    certificate = issue(office)
    (tmp_path / "code.txt").write_text(certificate.code)
    (tmp_path / "credential.json").write_text(str(certificate.credential))
    _write_trust(office, tmp_path, certificate.code)
    return tmp_path


def _write_trust(office: Office, folder: Path, code: str) -> None:
    listed = queries.lists_of_batch(queries.certificate(code).batch_id)[0]
    (folder / "did.json").write_text(json.dumps(queries.did_document(office.body)))
    (folder / "list.json").write_text(json.dumps(signed_list(listed)))


def test_verify_with_our_records(app: Flask, bundle: Path) -> None:
    result = run(app, "verify", bundle / "credential.json", "--json")

    assert result.exit_code == 0
    assert answer(result)["valid"] is True
    results = {one["name"]: one["result"] for one in answer(result)["checks"]}
    assert (results["revocation"], results["suspension"]) == ("pass", "pass")
    assert "signature: pass" in run(app, "verify", bundle / "credential.json").stdout


@pytest.mark.parametrize("online", [True, False])
def test_verify_prints_every_certified_entry_in_both_languages(app: Flask, bundle: Path, *, online: bool) -> None:
    certificate = queries.certificate((bundle / "code.txt").read_text())
    facts = read_certificate(certificate.document)
    more = () if online else ("--offline", "--trust", bundle / "did.json", "--trust", bundle / "list.json")

    said = run(app, "verify", bundle / "credential.json", *more).stdout
    fields_told = answer(run(app, "verify", bundle / "credential.json", *more, "--json"))["fields"]

    for line in (
        f"  持证人 / Holder: {facts.holder.name}\n",
        "  证书种类 / Kind of certificate: 能力等级 / Level of capability\n",
        f"  统一编号 / Unified number: {facts.number}\n",
        "  有效期至 / Valid until: 2029年5月31日 / ",
        f" / Address: {facts.url}\n",
    ):
        assert line in said
    for text in (facts.achievement.name, facts.achievement.description, facts.achievement.criteria, facts.issuer.name):
        assert f": {text.zh} / {text.en}\n" in said
    assert fields_told == fields_of(facts)


def test_verify_prints_what_a_qr_code_proves_and_what_an_altered_text_only_says(app: Flask, bundle: Path) -> None:
    certificate = queries.certificate((bundle / "code.txt").read_text())
    (bundle / "qr.txt").write_text(certificate.qr or "")
    altered = (certificate.credential or "").replace(str(certificate.number), "TM3799999999")
    (bundle / "altered.json").write_text(altered)
    trust = ("--offline", "--trust", bundle / "did.json", "--trust", bundle / "list.json")

    proven = run(app, "verify", bundle / "qr.txt", *trust).stdout
    told = answer(run(app, "verify", bundle / "qr.txt", *trust, "--json"))["fields"]
    said = run(app, "verify", bundle / "altered.json", *trust).stdout

    assert "证书所载条目\n" in proven
    assert f"  统一编号 / Unified number: {certificate.number}\n" in proven
    assert (told["number"], told["level"], told["kind"]) == (certificate.number, "junior", "capability")
    assert "文件所载内容（未获各项检查证实）\n" in said
    assert "TM3799999999" in said
    assert "证书所载条目\n" not in said


def test_verify_offline(app: Flask, bundle: Path) -> None:
    words = ("verify", bundle / "credential.json", "--offline", "--json")
    trust = ("--trust", bundle / "did.json")

    with_both = run(app, *words, *trust, "--trust", bundle / "list.json")
    without_list = run(app, *words, *trust)
    without_anything = run(app, *words)

    assert (with_both.exit_code, answer(with_both)["valid"]) == (0, True)
    told = {one["name"]: (one["result"], one["code"]) for one in answer(with_both)["checks"]}
    assert told["suspension"] == ("unchecked", "no-suspension-list")
    assert told["log"] == ("unchecked", "log-offline")
    assert (without_list.exit_code, answer(without_list)["valid"]) == (3, False)
    assert without_anything.exit_code == 3


def test_verify_tells_failed(app: Flask, bundle: Path, office: Office) -> None:
    changed = bundle / "changed.json"
    changed.write_text((bundle / "credential.json").read_text().replace('"80"', '"90"'))
    assert run(app, "verify", changed, "--json").exit_code == 1
    broken = bundle / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7")
    assert run(app, "verify", broken, "--offline").exit_code == 1
    assert run(app, "verify", changed, "--offline", "--trust", broken).exit_code == 1

    code = (bundle / "code.txt").read_text()
    with unit_of_work():
        services.revoke(
            queries.certificate(code),
            reason=RevocationReason.EXAM_BREACH,
            note="",
            by=office.first.actor,
            at=ISSUED_AT,
        )
    _write_trust(office, bundle, code)
    assert run(app, "verify", bundle / "credential.json").exit_code == 1
    words = ("verify", bundle / "credential.json", "--offline", "--trust", bundle / "did.json")
    assert run(app, *words, "--trust", bundle / "list.json").exit_code == 1


def test_export(app: Flask, bundle: Path) -> None:
    code, out = (bundle / "code.txt").read_text(), bundle / "out.json"

    assert answer(run(app, "export", code, "--as", "vc", out, "--json"))["path"] == str(out)
    assert out.read_text() == (bundle / "credential.json").read_text()
    assert run(app, "export", code, "--as", "pdf", bundle / "out.pdf").exit_code == 1
    assert run(app, "export", "nobody", out).exit_code == 1


def test_export_of_paper(app: Flask, with_paper: None, office: Office, tmp_path: Path) -> None:
    del with_paper
    code = issue(office).code

    assert run(app, "export", code, "--as", "pdf", tmp_path / "out.pdf").exit_code == 0
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF-")


def test_open_a_body(app: Flask) -> None:
    make_organisation(slug="new-centre")

    first = run(app, "open", "new-centre", "--platform", "--json")
    again = run(app, "open", "new-centre", "--json")

    assert answer(first) == answer(again) == {"slug": "new-centre", "did": "did:web:localhost%3A8000"}
    assert run(app, "open", "nobody").exit_code == 1


def test_every_row_of_a_request_file_is_told(app: Flask, office: Office, tmp_path: Path) -> None:
    """A wrong row, or one that says something else under a source, keeps the whole file; a repeated one is named."""
    holder, other, issuer = make_person(), make_person(), office.first.person
    file = tmp_path / "request.json"
    first = {"person": holder.code, "fields": fields(number="TM3726000001")}
    senior = {"person": holder.code, "fields": fields(number="TM3726000002", level="senior")}

    def asked(*rows: object) -> Result:
        file.write_text(json.dumps({"body": "sample-centre", "kind": "capability", "certificates": rows}))
        return run(app, "batch", "--request", file, "--by", issuer.code, "--json")

    wrong = asked(
        first,
        {"fields": fields()},
        senior,
        "row",
        {"person": "nobody", "fields": fields()},
        {**first, "source": 1},
        {"person": other.code, "fields": fields(level_name={"zh": "首席", "en": "Chief"})},
    )
    assert wrong.exit_code == 1
    told = answer(wrong)
    assert told["batch"] is None
    assert [(one["row"], one["result"]) for one in told["rows"]] == [
        (1, "new"),
        *((row, "failed") for row in (2, 3, 4, 5, 6, 7)),
    ]
    assert all(one["reason"] for one in told["rows"][1:])
    assert session.scalars(select(CertificateRequest.id)).all() == []

    named = {**senior, "source": {"type": "decision", "code": "2026-17"}}
    good = asked(first, first, named, {"person": other.code, "fields": fields(number="TM3726000003")})
    assert good.exit_code == 0
    assert [one["result"] for one in answer(good)["rows"]] == ["new", "repeated", "new", "new"]
    assert answer(good)["size"] == 3
    changed = asked({"person": holder.code, "fields": fields(number="TM3726000009")})
    assert (changed.exit_code, [one["result"] for one in answer(changed)["rows"]]) == (1, ["failed"])


def test_batch_from_a_file(app: Flask, office: Office, tmp_path: Path) -> None:
    make_request(office)
    holder, issuer = make_person(), office.first.person
    request = tmp_path / "request.json"
    given = {
        "body": "sample-centre",
        "kind": "capability",
        "certificates": [{"person": holder.code, "fields": fields()}],
    }
    request.write_text(json.dumps(given))

    made = run(app, "batch", "--request", request, "--by", issuer.code, "--json")

    assert (made.exit_code, answer(made)["size"], answer(made)["findings"]) == (0, 2, [])
    assert session.scalars(select(Batch.prepared_by_id)).one() == issuer.id
    assert run(app, "batch", "--request", request, "--by", issuer.code).exit_code == 1
    assert run(app, "batch", "--request", request, "--by", holder.code).exit_code == 1


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"body": "nobody"}', '{"body": "x", "kind": "medal"}'])
def test_bad_request_files_are_refused(app: Flask, office: Office, tmp_path: Path, content: str) -> None:
    request = tmp_path / "request.json"
    request.write_text(content)

    assert run(app, "batch", "--request", request, "--by", office.first.person.code).exit_code == 1
