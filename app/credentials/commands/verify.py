"""`flask credentials verify`: every check of a file, online or with nothing but what was brought along."""

from pathlib import Path

import click

from app.core import clock
from app.core.columns import JsonObject
from app.core.text import _
from app.credentials import offline, verification
from app.credentials.commands.group import READABLE, REFUSED, UNDECIDED, answer, group, refusals, with_json
from app.credentials.rules.verdict import Verdict
from app.credentials.wording import sentence_of


@group.command("verify")
@click.argument("path", type=READABLE)
@click.option("--offline", "without", is_flag=True, help="Use nothing but the files given with --trust.")
@click.option("--trust", type=READABLE, multiple=True, help="A DID document or a status list; repeatable.")
@with_json
def verify(path: Path, trust: tuple[Path, ...], *, without: bool, as_json: bool) -> None:
    """Check a certificate in JSON or PDF; exit 0 valid, 1 a check failed, 3 could not be decided."""
    raw = path.read_bytes()[: verification.UPLOAD_LIMIT + 1]
    with refusals():
        if without:
            found = offline.verify_with(raw, [one.read_bytes() for one in trust], at=clock.real_now())
        else:
            found = verification.verify_document(raw, at=clock.now()).verdict
    document = verdict_document(found)
    lines = [f"{one['name']}: {one['result']} - {one['detail']}" for one in document["checks"]]
    sentence = _("Valid") if found.valid else _("Not valid") if found.failed else _("Could not be decided")
    answer(document, "\n".join([*lines, str(sentence)]), as_json=as_json)
    raise SystemExit(0 if found.valid else REFUSED if found.failed else UNDECIDED)


def verdict_document(found: Verdict) -> JsonObject:
    """Return a verdict as programs read it: `valid` and each check with name, result and detail."""
    checks = [
        {"name": one.name.value, "result": one.result.value, "detail": sentence_of(one), "code": one.code}
        for one in found.checks
    ]
    return {"valid": found.valid, "checks": checks}
