"""`flask credentials verify`: every check of a file, online or with nothing but what was brought along."""

from datetime import datetime
from pathlib import Path

import click

from app.core import clock
from app.core.columns import JsonObject
from app.core.commands import READABLE, REFUSED, answer, refusals, with_json
from app.core.text import _
from app.credentials import offline, verification
from app.credentials.commands.group import UNDECIDED, group
from app.credentials.offline import Brought, Checked
from app.credentials.rules.bundle import LONGEST_ZIP
from app.credentials.rules.fields import fields_of, fields_of_code
from app.credentials.rules.instants import write_instant
from app.credentials.rules.tlog import LONGEST_PROOF
from app.credentials.rules.verdict import CheckName, Verdict
from app.credentials.wording import entries_of, sentence_of
from app.credentials.wording_verify import entries_of_code, lines_in_both
from app.web.formats import when

PROOF = ".tlog-proof"


@group.command("verify")
@click.argument("path", type=READABLE)
@click.option("--offline", "without", is_flag=True, help="Use nothing but the files given with --trust.")
@click.option(
    "--trust", type=READABLE, multiple=True, help="A trust bundle, a DID document or a status list; repeatable."
)
@click.option("--authority", default="", metavar="DID", help="Refuse a trust bundle of any other authority.")
@click.option(
    "--log-proof",
    "given",
    type=READABLE,
    help="The .tlog-proof file of the certificate; one of the same name beside it is found.",
)
@with_json
def verify(
    path: Path, trust: tuple[Path, ...], *, authority: str, given: Path | None, without: bool, as_json: bool
) -> None:
    """Check a certificate in any form: JSON, JWT, PDF, PNG, SVG, or the text or a picture of its QR code.

    Without network the public log is checked by the certificate's .tlog-proof file and the log's key in the bundle.
    Exits 0 where it is valid, 1 where a check failed, 3 where it could not be decided.
    """
    if not without and (given or authority):
        raise click.UsageError(_("Use --log-proof and --authority with --offline only."))
    raw = _head_of(path, verification.UPLOAD_LIMIT)
    at = clock.real_now()
    with refusals():
        if without:
            trusted = [_head_of(one, LONGEST_ZIP) for one in trust]
            proof = _proof_of(path, given)
            checked = offline.verify_with(raw, trusted, at=at, proof=proof, authority=authority)
        else:
            checked = Checked(verification.verify_document(raw, at=clock.now()).verdict, [])
    found, brought = checked.verdict, checked.bundles
    document = {**verdict_document(found), "fields": _fields(checked), **_trusted(brought, at)}
    lines = [f"{one['name']}: {one['result']} - {one['detail']}" for one in document["checks"]]
    text = "\n".join([*_told(brought, at), *lines, *_entries(checked), _sentence(found)])
    answer(document, text, as_json=as_json)
    raise SystemExit(0 if found.valid else REFUSED if found.failed else UNDECIDED)


def _fields(checked: Checked) -> dict[str, str]:
    """Return every certified field of the document by name, as the API does."""
    facts, code = checked.verdict.certificate, checked.code
    if facts is not None:
        return fields_of(facts)
    return fields_of_code(code.facts, code.body) if code is not None and code.facts is not None else {}


def _entries(checked: Checked) -> list[str]:
    """Return every certified entry in both languages, under what they are worth."""
    facts, code = checked.verdict.certificate, checked.code
    lines: list[str] = []
    if facts is not None:
        lines = lines_in_both(lambda: entries_of(facts))
    elif code is not None and code.facts is not None:
        told, body = code.facts, code.body
        lines = lines_in_both(lambda: entries_of_code(told, body))
    unproven = _("What the document says, which the checks do not bear out")
    head = _("Certified entries") if checked.verdict.holds else unproven
    return [str(head), *(f"  {line}" for line in lines)] if lines else []


def _sentence(found: Verdict) -> str:
    if found.valid:
        return str(_("Valid"))
    if found.failed:
        return str(_("Not valid"))
    if found.holds and CheckName.PICTURE in found.shown:
        return str(_("The credential is valid, but this picture is not proven"))
    return str(_("The credential is valid, but this sheet is not proven") if found.holds else _("Could not be decided"))


def _head_of(path: Path, longest: int) -> bytes:
    """Read a file up to one byte more than it may have, so that a longer one is refused without being read."""
    with path.open("rb") as file:
        return file.read(longest + 1)


def _proof_of(path: Path, given: Path | None) -> bytes | None:
    """Read the proof file that was given, else the one that lies beside the certificate under its name."""
    beside = (path.with_suffix(PROOF), path.with_name(path.name + PROOF))
    found = given or next((one for one in beside if one.is_file() and one != path), None)
    return _head_of(found, LONGEST_PROOF) if found else None


def verdict_document(found: Verdict) -> JsonObject:
    """Return a verdict as programs read it: `valid` and each check with name, result and detail."""
    checks = [
        {"name": one.name.value, "result": one.result.value, "detail": sentence_of(one), "code": one.code}
        for one in found.checks
    ]
    return {"valid": found.valid, "checks": checks}


def _trusted(brought: list[Brought], at: datetime) -> JsonObject:
    rows = [
        {
            "authority": one.authority,
            "made": write_instant(one.made_at),
            "days": (at - one.made_at).days,
            "validUntil": write_instant(one.valid_until),
            "stale": one.is_stale(at),
        }
        for one in brought
    ]
    return {"trust": rows} if rows else {}


def _told(brought: list[Brought], at: datetime) -> list[str]:
    return [line for one in brought for line in _lines_about(one, at)]


def _lines_about(one: Brought, at: datetime) -> list[str]:
    """Say whose a bundle is and how old, and plainly where it is too old."""
    made = _(
        "Trust bundle of %(authority)s, made on %(on)s, %(days)s days ago.",
        authority=one.authority,
        on=when(one.made_at),
        days=(at - one.made_at).days,
    )
    if not one.is_stale(at):
        return [made]
    old = _(
        "This bundle was to be used until %(until)s. It is too old to say that nothing was revoked since: download a "
        "new one.",
        until=when(one.valid_until),
    )
    return [made, old]
