"""`log seal`, `checkpoint`, `prove` and `audit`: the sealed logs, the private of every event and the public one."""

import base64
from pathlib import Path

import click
from flask.cli import AppGroup

from app.core import audit as checking
from app.core import merkle, notes, sealing
from app.core.columns import JsonObject
from app.core.commands import REFUSED, answer, refusals, with_json
from app.core.errors import ConflictError, NotFoundError
from app.core.sealing import AUDIT_LOG, Log, LogCheckpoint
from app.core.text import _, _l
from app.credentials.models import PUBLIC_LOG
from app.credentials.queries import by_code
from app.credentials.queries import log as public
from app.credentials.queries import log_audit as public_audit
from app.credentials.rules import tlog

group = AppGroup("log", help="The sealed logs: of every event (private), of certificates (public).")
NOTE = click.Path(exists=True, dir_okay=False, path_type=Path)
LOGS = {log.name: log for log in (AUDIT_LOG, PUBLIC_LOG)}


@group.command("seal")
@with_json
def seal(*, as_json: bool) -> None:
    """Seal now what waits; the job runner does it each minute."""
    with refusals():
        sealed, certificates = sealing.seal(), sealing.seal(PUBLIC_LOG)
    answer(
        {"sealed": sealed, "certificates": certificates},
        _("%(count)s events are sealed.", count=sealed)
        + "\n"
        + _("%(count)s entries of the public log are sealed.", count=certificates),
        as_json=as_json,
    )


@group.command("checkpoint")
@click.option("--log", "name", type=click.Choice(sorted(LOGS)), default=AUDIT_LOG.name, help="Whose root `--out` gets.")
@click.option("--out", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Also write it there.")
@with_json
def checkpoint(name: str, out: Path | None, *, as_json: bool) -> None:
    """Print the last signed roots; keep them elsewhere and give one to `log audit --since`."""
    with refusals():
        found = {log.name: last for log in LOGS.values() if (last := sealing.latest(log)) is not None}
        if not found or (out is not None and name not in found):
            raise ConflictError(_l("Nothing is sealed yet. The job runner seals each minute; `log seal` does it now."))
        told = {one: _told(LOGS[one], last) for one, last in found.items()}
    if out is not None:
        out.write_text(found[name].note, "utf-8")
    shown = told.get(name) or next(iter(told.values()))
    text = "\n\n".join(last.note.rstrip() for last in found.values())
    answer({**shown, "logs": told}, text, as_json=as_json)


def _told(log: Log, last: LogCheckpoint) -> JsonObject:
    return {
        "origin": sealing.origin(log),
        "size": last.size,
        "root": base64.b64encode(last.root).decode(),
        "sealed_at": last.at.isoformat(timespec="seconds"),
        "key": notes.verifier_key(sealing.origin(log), sealing.log_signer(log).public_key),
        "checkpoint": last.note,
    }


@group.command("prove")
@click.argument("code", metavar="ID")
@with_json
def prove(code: str, *, as_json: bool) -> None:
    """Prove that an event or a certificate is in its log: its place, the hashes up to the root, the signed root.

    ID is the code of an event or of a certificate; of a certificate the proof in C2SP form is printed.
    """
    with refusals():
        proof = sealing.prove(code)
        text = None if proof else _public_proof(code)
        if proof is None and text is None:
            raise NotFoundError(_l("The log holds no such event, or it is not sealed yet: try again in a minute."))
    if proof is not None:
        path = [base64.b64encode(one).decode() for one in proof.path]
        document = {"leaf": proof.number, "size": proof.size, "path": path, "checkpoint": proof.checkpoint}
        answer(document, "\n".join((f"{proof.number}", *path, "", proof.checkpoint.rstrip())), as_json=as_json)
    elif text is not None:
        answer(_read(text), text.rstrip(), as_json=as_json)


def _public_proof(code: str) -> str | None:
    certificate = by_code(code)
    return public.proof_of(certificate) if certificate else None


def _read(text: str) -> JsonObject:
    found = tlog.read_proof(text)
    head = tlog.verify_tlog_proof(text, found.extra, sealing.log_signer(PUBLIC_LOG).public_key)
    return {
        "leaf": found.index,
        "size": head.size,
        "path": [base64.b64encode(one).decode() for one in found.path],
        "entry": found.extra.decode(),
        "hash": base64.b64encode(merkle.leaf_hash(found.extra)).decode(),
        "checkpoint": found.checkpoint,
        "proof": text,
    }


@group.command("audit")
@click.option(
    "--since",
    type=NOTE,
    multiple=True,
    help="A checkpoint kept elsewhere, of which its log must still be a continuation; repeatable.",
)
@with_json
def audit(since: tuple[Path, ...], *, as_json: bool) -> None:
    """Compute both logs anew, from the events and the certificates, and say what does not hold."""
    kept = [one.read_text("utf-8") for one in since]
    public_origin = sealing.origin(PUBLIC_LOG)
    with refusals():
        ours: list[str | None] = [one for one in kept if one.partition("\n")[0] == public_origin]
        others: list[str | None] = [one for one in kept if one not in ours]
        checks = [
            *(check for one in others or [None] for check in checking.audit(one)),
            *(check for one in ours or [None] for check in public_audit.audit(one)),
        ]
    told = [{"name": one.name, "result": "pass" if one.passed else "fail", "detail": one.detail} for one in checks]
    holds = all(one.passed for one in checks)
    lines = [f"{one['result']:5} {one['name']}{': ' if one['detail'] else ''}{one['detail']}" for one in told]
    answer({"valid": holds, "checks": told}, "\n".join(lines), as_json=as_json)
    if not holds:
        raise SystemExit(REFUSED)
