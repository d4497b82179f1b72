"""`log seal`, `checkpoint`, `prove` and `audit`: the sealed log of every event."""

import base64
from pathlib import Path

import click
from flask.cli import AppGroup

from app.cli.answers import REFUSED, answer, refusals, with_json
from app.core import audit as checking
from app.core import notes, sealing
from app.core.errors import ConflictError, NotFoundError
from app.core.text import _, _l

group = AppGroup("log", help="The sealed log of every event.")
NOTE = click.Path(exists=True, dir_okay=False, path_type=Path)


@group.command("seal")
@with_json
def seal(*, as_json: bool) -> None:
    """Seal now what waits; the job runner does it each minute."""
    with refusals():
        sealed = sealing.seal()
    answer({"sealed": sealed}, _("%(count)s events are sealed.", count=sealed), as_json=as_json)


@group.command("checkpoint")
@click.option("--out", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Also write it there.")
@with_json
def checkpoint(out: Path | None, *, as_json: bool) -> None:
    """Print the last signed root; keep it elsewhere and give it to `log audit --since`."""
    with refusals():
        last = sealing.latest()
        if last is None:
            raise ConflictError(_l("Nothing is sealed yet. The job runner seals each minute; `log seal` does it now."))
        key = notes.verifier_key(sealing.origin(), sealing.log_signer().public_key)
    if out is not None:
        out.write_text(last.note, "utf-8")
    document = {
        "origin": sealing.origin(),
        "size": last.size,
        "root": base64.b64encode(last.root).decode(),
        "sealed_at": last.at.isoformat(timespec="seconds"),
        "key": key,
        "checkpoint": last.note,
    }
    answer(document, last.note.rstrip(), as_json=as_json)


@group.command("prove")
@click.argument("event")
@with_json
def prove(event: str, *, as_json: bool) -> None:
    """Prove that the event of a code is in the log: its place, the hashes up to the root, the signed root."""
    with refusals():
        proof = sealing.prove(event)
        if proof is None:
            raise NotFoundError(_l("The log holds no such event, or it is not sealed yet: try again in a minute."))
    path = [base64.b64encode(one).decode() for one in proof.path]
    document = {"leaf": proof.number, "size": proof.size, "path": path, "checkpoint": proof.checkpoint}
    answer(document, "\n".join((f"{proof.number}", *path, "", proof.checkpoint.rstrip())), as_json=as_json)


@group.command("audit")
@click.option("--since", type=NOTE, help="A checkpoint kept elsewhere, of which the log must still be a continuation.")
@with_json
def audit(since: Path | None, *, as_json: bool) -> None:
    """Compute the whole log anew from its events and say what does not hold."""
    with refusals():
        checks = checking.audit(since.read_text("utf-8") if since else None)
    told = [{"name": one.name, "result": "pass" if one.passed else "fail", "detail": one.detail} for one in checks]
    holds = all(one.passed for one in checks)
    lines = [f"{one['result']:5} {one['name']}{': ' if one['detail'] else ''}{one['detail']}" for one in told]
    answer({"valid": holds, "checks": told}, "\n".join(lines), as_json=as_json)
    if not holds:
        raise SystemExit(REFUSED)
