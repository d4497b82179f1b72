"""Commands of the room: `credentials batch`, `export`, `verify` and `open`."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from flask.cli import AppGroup

from app.accounts.actors import actor_of
from app.accounts.models import Person
from app.accounts.queries import account_by_name, memberships_of, organisation, person
from app.accounts.states import Role
from app.core import clock, files
from app.core.access import Actor
from app.core.columns import JsonObject
from app.core.db import unit_of_work
from app.core.errors import DomainError, InvalidError, UnavailableError
from app.core.events import Subject
from app.core.text import _, _l
from app.credentials import offline, queries, services, verification
from app.credentials.rules.verdict import Verdict
from app.credentials.states import CertificateKind
from app.credentials.wording import sentence_of

REFUSED, UNDECIDED = 1, 3
Command = TypeVar("Command", bound=Callable[..., Any])
READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)
group = AppGroup("credentials", help="Certificates: prepare batches, export, verify.")


def _with_json(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except DomainError as error:
        click.echo(str(error), err=True)
        raise SystemExit(REFUSED) from error


def _answer(document: JsonObject, sentence: str, *, as_json: bool) -> None:
    click.echo(json.dumps(document, ensure_ascii=False) if as_json else sentence)


@group.command("open")
@click.argument("slug")
@click.option("--platform", is_flag=True, help="The body issues under the identity of the site itself.")
@_with_json
def open_body(slug: str, *, platform: bool, as_json: bool) -> None:
    """Let the organisation SLUG issue certificates, with a first key; a second run changes nothing."""
    with _refusals(), unit_of_work():
        body = services.open_body(organisation(slug), platform=platform, by=None, at=clock.now())
    _answer({"slug": body.slug, "did": body.did}, body.did, as_json=as_json)


@group.command("batch")
@click.option("--request", "path", type=READABLE, required=True, help="JSON: body, kind, certificates.")
@click.option("--by", "who", required=True, help="Code, mail address or telephone of the issuer who prepares.")
@_with_json
def batch(path: Path, who: str, *, as_json: bool) -> None:
    """Prepare a batch from a file and from what waits; a second person approves it on the web.

    The file holds {"body": slug, "kind": "capability", "certificates": [{"person": code, "fields": {...}}]}.
    """
    with _refusals(), unit_of_work():
        request = _read_request(path)
        at = clock.now()
        body = queries.issuing_body(str(request["body"]))
        kind = CertificateKind(request.get("kind", CertificateKind.CAPABILITY))
        by = _issuer(who)
        for one in request.get("certificates", []):
            holder = person(str(one["person"]))
            services.request_certificate(
                kind=kind,
                person_id=holder.id,
                source=Subject("request_file", f"{path.stem[:24]}-{holder.code}"),
                fields=one["fields"],
                body=body,
                by=by,
                at=at,
            )
        made = services.prepare_batch(body, kind=kind, by=by, at=at)
    _answer({"batch": made.code, "size": made.size, "findings": made.lint}, made.code, as_json=as_json)


def _read_request(path: Path) -> JsonObject:
    try:
        found = json.loads(path.read_text("utf-8"))
        CertificateKind(found.get("kind", CertificateKind.CAPABILITY))
    except (ValueError, AttributeError) as error:
        raise InvalidError(_l("The request file is not as described in --help.")) from error
    if "body" not in found:
        raise InvalidError(_l("The request file names no issuing body."))
    return dict(found)


def _issuer(who: str) -> Actor:
    account = account_by_name(who)
    found: Person = account.person if account else person(who)
    mine = [one for one in memberships_of(found.id) if one.role is Role.ISSUER and one.holds_on(clock.today())]
    if not mine:
        raise InvalidError(_l("This person is no issuer."))
    return actor_of(found, mine[0])


@group.command("export")
@click.argument("code")
@click.option("--as", "form", type=click.Choice(["vc", "pdf"]), default="vc", help="Which form.")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@_with_json
def export(code: str, form: str, out: Path, *, as_json: bool) -> None:
    """Write a certificate to a file: `vc` the credential, `pdf` the paper with the credential inside."""
    with _refusals():
        found = queries.certificate(code)
        content = (found.credential or "").encode() if form == "vc" else _pdf(code)
        out.write_bytes(content)
    _answer({"code": code, "bytes": len(content), "path": str(out)}, str(out), as_json=as_json)


def _pdf(code: str) -> bytes:
    stored = queries.pdf_of(queries.certificate(code))
    if stored is None:
        raise UnavailableError(_l("This certificate was issued without a PDF. Export it as vc."))
    return files.load(stored)


@group.command("verify")
@click.argument("path", type=READABLE)
@click.option("--offline", "without", is_flag=True, help="Use nothing but the files given with --trust.")
@click.option("--trust", type=READABLE, multiple=True, help="A DID document or a status list; repeatable.")
@_with_json
def verify(path: Path, trust: tuple[Path, ...], *, without: bool, as_json: bool) -> None:
    """Check a certificate in JSON or PDF; exit 0 valid, 1 a check failed, 3 could not be decided."""
    raw = path.read_bytes()[: verification.UPLOAD_LIMIT + 1]
    with _refusals():
        if without:
            found = offline.verify_with(raw, [one.read_bytes() for one in trust], at=clock.real_now())
        else:
            found = verification.verify_document(raw, at=clock.now()).verdict
    document = verdict_document(found)
    lines = [f"{one['name']}: {one['result']} - {one['detail']}" for one in document["checks"]]
    sentence = _("Valid") if found.valid else _("Not valid") if found.failed else _("Could not be decided")
    _answer(document, "\n".join([*lines, str(sentence)]), as_json=as_json)
    raise SystemExit(0 if found.valid else REFUSED if found.failed else UNDECIDED)


def verdict_document(found: Verdict) -> JsonObject:
    """Return a verdict as programs read it: `valid` and each check with name, result and detail."""
    checks = [
        {"name": one.name.value, "result": one.result.value, "detail": sentence_of(one), "code": one.code}
        for one in found.checks
    ]
    return {"valid": found.valid, "checks": checks}
