"""Commands of the room: `credentials batch`, `open` and `take-back`."""

import json
from pathlib import Path
from typing import NoReturn

import click

from app.accounts.actors import actor_of
from app.accounts.models import Person
from app.accounts.queries import account_by_name, memberships_of, organisation, person
from app.accounts.states import Role
from app.core import clock, jobs
from app.core.access import Actor
from app.core.columns import JsonObject
from app.core.commands import READABLE, REFUSED, answer, refusals, with_json
from app.core.db import unit_of_work
from app.core.errors import InvalidError, UnavailableError
from app.core.jobs import JobState
from app.core.text import _, _l
from app.credentials import queries, services
from app.credentials.commands import requested
from app.credentials.commands.group import group
from app.credentials.models import Batch
from app.credentials.queries import changes, steps
from app.credentials.states import CertificateKind

LONGEST_REASON = 2000


@group.command("open")
@click.argument("slug")
@click.option("--platform", is_flag=True, help="The body issues under the identity of the site itself.")
@with_json
def open_body(slug: str, *, platform: bool, as_json: bool) -> None:
    """Let the organisation SLUG issue certificates, with a first key; a second run changes nothing."""
    with refusals(), unit_of_work():
        body = services.open_body(organisation(slug), platform=platform, by=None, at=clock.now())
    answer({"slug": body.slug, "did": body.did}, body.did, as_json=as_json)


@group.command("batch")
@click.option("--request", "path", type=READABLE, required=True, help="JSON: body, kind, certificates.")
@click.option("--by", "who", required=True, help="Code, mail address or telephone of the issuer who prepares.")
@with_json
def batch(path: Path, who: str, *, as_json: bool) -> None:
    """Prepare a batch from a file and from what waits; a second person approves it on the web.

    The file holds {"body": slug, "kind": "capability", "certificates": [{"person": code, "fields": {...}}]}. A row may
    name the decision that it certifies, "source": {"type": "award", "code": "..."}; for others the approver vouches.
    A file is taken whole: where a row cannot be asked for, every row is told with its reason, and nothing is prepared.
    """
    with refusals(), unit_of_work():
        request = _read_request(path)
        at = clock.now()
        body = queries.issuing_body(str(request["body"]))
        kind = CertificateKind(request.get("kind", CertificateKind.CAPABILITY))
        by = _issuer(who)
        asked = requested.read(request["certificates"], kind, path.stem[:24])
        if any(one.reason for one in asked):
            _refuse(asked, as_json=as_json)
        rows = [requested.ask(one, kind, body=body, by=by, at=at) for one in asked]
        made = services.prepare_batch(body, kind=kind, by=by, at=at)
        services.lint_batch(made, by=by, at=at)
    with refusals():
        findings = _linted(made)
    told = {"batch": made.code, "size": made.size, "rows": rows, "findings": findings, "not_kept": made.not_kept}
    answer(told, made.code, as_json=as_json)


@group.command("take-back")
@click.argument("request_code", metavar="REQUEST")
@click.option("--reason", required=True, help="Why the row is wrong; it is kept with the row.")
@click.option("--by", "who", required=True, help="Code, mail address or telephone of an issuer of the body.")
@with_json
def take_back(request_code: str, reason: str, who: str, *, as_json: bool) -> None:
    """Take back the row REQUEST of a request file that nobody decided on yet; its source can then be asked for again.

    The row leaves the batch that it waits in. `credentials batch --json` names the request of every row.
    """
    with refusals(), unit_of_work():
        said = _reason(reason)
        by = _issuer(who)
        found = changes.request_of_body(request_code, by)
        left = steps.batch_of(found)
        services.take_back(found, reason=said, by=by, at=clock.now())
        told = {"request": found.code, "state": found.state.value, "batch": left.code if left else None}
    answer(told, _("Taken back. It is not certified; its source can be asked for again."), as_json=as_json)


def _reason(given: str) -> str:
    if not given.strip() or len(given.strip()) > LONGEST_REASON:
        raise InvalidError(_l("Give the reason, in at most %(most)d characters.", most=LONGEST_REASON))
    return given.strip()


def _refuse(asked: list[requested.Asked], *, as_json: bool) -> NoReturn:
    """Say of every row whether it could be asked for, and ask for none: a file is taken whole."""
    rows: list[JsonObject] = [{"row": one.number, "result": one.result, "reason": one.reason} for one in asked]
    lines = [_("Row %(row)s: %(reason)s", row=one.number, reason=one.reason) for one in asked if one.reason]
    answer({"batch": None, "rows": rows}, "\n".join(lines), as_json=as_json)
    raise SystemExit(REFUSED)


def _linted(made: Batch) -> list[JsonObject]:
    """Wait until a batch is linted and return its first rows with findings."""
    if made.linted_at is None:
        done = jobs.finish(steps.lint_key(made.code))
        if done.state is not JobState.DONE:
            raise UnavailableError(_l("The check of the batch stopped: %(reason)s.", reason=done.error or ""))
    faults = steps.request_page(made.id, 1, only_faults=True).rows
    return [{"request": one.code, "name": one.holder_name, "findings": one.findings} for one in faults]


def _read_request(path: Path) -> JsonObject:
    try:
        found = json.loads(path.read_text("utf-8"))
        CertificateKind(found.get("kind", CertificateKind.CAPABILITY))
    except (ValueError, AttributeError) as error:
        raise InvalidError(_l("The request file is not as described in --help.")) from error
    if "body" not in found:
        raise InvalidError(_l("The request file names no issuing body."))
    if not isinstance(found.setdefault("certificates", []), list):
        raise InvalidError(_l("The request file is not as described in --help."))
    return dict(found)


def _issuer(who: str) -> Actor:
    account = account_by_name(who)
    found: Person = account.person if account else person(who)
    mine = [one for one in memberships_of(found.id) if one.role is Role.ISSUER and one.holds_on(clock.today())]
    if not mine:
        raise InvalidError(_l("This person is no issuer."))
    return actor_of(found, mine[0])
