"""`flask credentials keys …`: the key sets of bodies, rotation and compromise by two named people."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from app.accounts.actors import actor_of
from app.accounts.models import Person
from app.accounts.queries import account_by_name, memberships_of, person
from app.accounts.states import Role
from app.core import clock, files
from app.core.access import Actor
from app.core.clock import SHANGHAI
from app.core.columns import JsonObject
from app.core.commands import READABLE, REFUSED, answer, refusals, with_json
from app.core.db import session, unit_of_work
from app.core.errors import DomainError, InvalidError
from app.core.signing import Algorithm
from app.core.text import _l
from app.credentials import queries
from app.credentials.commands.group import group
from app.credentials.models import IssuingBody, KeyOrder, SigningKey
from app.credentials.queries import keys as reads
from app.credentials.rules import chain as chains
from app.credentials.rules.sources import Source
from app.credentials.services import keys as services
from app.credentials.services.bodies import open_key, request_of
from app.credentials.states import KeyAct

keys = AppGroup("keys", help="Signing keys of issuing bodies: list, check, complete, rotate, certify, compromise.")
group.add_command(keys)
MOMENT = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d"])


@keys.command("list")
@click.argument("slug")
@with_json
def list_keys(slug: str, *, as_json: bool) -> None:
    """List every key of the body SLUG with its state."""
    with refusals():
        rows = [_row(one) for one in reads.keys_of(queries.issuing_body(slug).id)]
    lines = [f"{one['algorithm']:8} {one['state']:8} {one['key']}" for one in rows]
    answer({"keys": rows}, "\n".join(lines), as_json=as_json)


def _row(key: SigningKey) -> JsonObject:
    state = "revoked" if key.revoked_at else "retired" if key.retired_at else "current"
    return {"key": key.key_id, "algorithm": key.algorithm.value, "state": state, "made": key.created_at.isoformat()}


@keys.command("check")
@with_json
def check(*, as_json: bool) -> None:
    """Open every current key of every open body; exit 1 where one cannot be used."""
    wrong: list[JsonObject] = []
    current = session.query(SigningKey).join(IssuingBody, IssuingBody.id == SigningKey.body_id)
    found = current.filter(SigningKey.retired_at.is_(None), IssuingBody.closed_at.is_(None)).all()
    for key in found:
        try:
            open_key(key)
        except DomainError as error:
            wrong.append({"key": key.key_id, "reason": str(error)})
    lines = [f"{len(found)} keys, {len(wrong)} cannot be used", *(f"{one['key']}: {one['reason']}" for one in wrong)]
    answer({"keys": len(found), "unusable": wrong}, "\n".join(lines), as_json=as_json)
    raise SystemExit(REFUSED if wrong else 0)


@keys.command("complete")
@with_json
def complete(*, as_json: bool) -> None:
    """Make the keys that open bodies lack, as those do that opened before key sets."""
    with refusals(), unit_of_work():
        made = services.complete_all(at=clock.now())
    answer({"made": made}, f"{made} keys made", as_json=as_json)


@keys.command("rotate")
@click.argument("slug")
@click.option("--algorithm", type=click.Choice([one.value for one in Algorithm]), default=Algorithm.ED25519.value)
@click.option("--by", "who", required=True, help="Code, mail address or telephone of the issuer who asks.")
@click.option("--confirmed-by", "second", required=True, help="The same of another issuer of the body.")
@click.option("--reason", required=True)
@with_json
def rotate(slug: str, algorithm: str, who: str, second: str, reason: str, *, as_json: bool) -> None:  # noqa: PLR0917 - options
    """Retire the current key of the body SLUG and make the next, on the word of two issuers."""
    with refusals(), unit_of_work():
        body = queries.issuing_body(slug)
        key = queries.signing_key(body.id, Algorithm(algorithm))
        _both(body, key, KeyAct.ROTATE, (who, second), reason)
        made = queries.signing_key(body.id, Algorithm(algorithm))
    answer({"retired": key.key_id, "current": made.key_id}, made.key_id, as_json=as_json)


@keys.command("request")
@click.argument("slug")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the request to this file.")
@with_json
def request(slug: str, out: Path | None, *, as_json: bool) -> None:
    """Make the request (PKCS#10, PEM) to certify the key with which the body SLUG seals PDF files."""
    with refusals():
        key = queries.signing_key(queries.issuing_body(slug).id, Algorithm.RSA)
        made = request_of(key).decode()
    if out is not None:
        out.write_text(made, "utf-8")
    sentence = str(out) if out is not None else made.rstrip()
    answer({"key": key.key_id, "request": made, "file": str(out) if out else None}, sentence, as_json=as_json)


@keys.command("certify")
@click.argument("slug")
@click.argument("chain", type=READABLE)
@click.option("--by", "who", required=True, help="Code, mail address or telephone of the issuer who asks.")
@click.option("--confirmed-by", "second", required=True, help="The same of another issuer of the body.")
@click.option("--reason", required=True)
@click.option("--crl", multiple=True, help="Address of a revocation list of the chain, within REVOCATION_URLS.")
@click.option("--ocsp", multiple=True, help="Address that answers by OCSP, within REVOCATION_URLS.")
@with_json
def certify(
    *,
    slug: str,
    chain: Path,
    who: str,
    second: str,
    reason: str,
    crl: tuple[str, ...],
    ocsp: tuple[str, ...],
    as_json: bool,
) -> None:
    """Seal PDF files of the body SLUG under the certificates in CHAIN (PEM), on the word of two issuers."""
    with refusals(), unit_of_work():
        body = queries.issuing_body(slug)
        key = queries.signing_key(body.id, Algorithm.RSA)
        with chain.open("rb") as file:
            given = files.read_limited(file, chains.LARGEST).decode("utf-8", "replace")
        sources = services.checked_sources(crl="\n".join(crl), ocsp="\n".join(ocsp))
        _both(body, key, KeyAct.CERTIFY, (who, second), reason, chain=given, sources=sources)
        links = chains.links_of([key.certificate or b"", *chains.from_pem(key.chain)])
    rows: list[JsonObject] = [
        {"subject": one.subject, "issuer": one.issuer, "until": one.ends.isoformat(), "sha256": one.fingerprint}
        for one in links
    ]
    lines = [f"{one['subject']} < {one['issuer']}, {one['until']}" for one in rows]
    answer({"key": key.key_id, "chain": rows}, "\n".join(lines), as_json=as_json)


@keys.command("compromise")
@click.argument("slug")
@click.argument("key_id")
@click.option("--since", type=MOMENT, help="The first moment at which somebody else could have held the key.")
@click.option("--dry-run", is_flag=True, help="Only count what would be signed anew.")
@click.option("--by", "who", help="Code, mail address or telephone of the issuer who asks.")
@click.option("--confirmed-by", "second", help="The same of another issuer of the body.")
@click.option("--reason", default="")
@with_json
def compromise(
    *,
    slug: str,
    key_id: str,
    since: datetime | None,
    dry_run: bool,
    who: str | None,
    second: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """Revoke a key of the body SLUG from an instant on and sign anew what it signed, on the word of two issuers."""
    with refusals(), unit_of_work():
        body = queries.issuing_body(slug)
        key = reads.key_of(body.id, key_id)
        reach = services.reach_of(key)
        counts: JsonObject = {
            "certificates": reach.certificates,
            "left_alone": reach.left_alone,
            "status_lists": reach.status_lists,
            "endorsements": reach.endorsements,
        }
        if not dry_run:
            if since is None or not who or not second or not reason:
                raise InvalidError(_l("Name --since, --by, --confirmed-by and --reason, or try it with --dry-run."))
            instant = since.replace(tzinfo=SHANGHAI)
            counts["order"] = _both(body, key, KeyAct.COMPROMISE, (who, second), reason, since=instant).code
    lines = [f"{name}: {value}" for name, value in counts.items()]
    answer({"dry_run": dry_run, **counts}, "\n".join(lines), as_json=as_json)


def _both(  # noqa: PLR0917 - an order has as many parts
    body: IssuingBody,
    key: SigningKey,
    act: KeyAct,
    people: tuple[str, str],
    reason: str,
    *,
    since: datetime | None = None,
    chain: str | None = None,
    sources: Sequence[Source] = (),
) -> KeyOrder:
    first, second = (_issuer(who, body) for who in people)
    at = clock.now()
    order = services.ask_key_order(key, act, reason=reason, since=since, chain=chain, sources=sources, by=first, at=at)
    services.carry_out(order, by=second, at=at)
    return order


def _issuer(who: str, body: IssuingBody) -> Actor:
    account = account_by_name(who)
    found: Person = account.person if account else person(who)
    for one in memberships_of(found.id):
        if one.role is Role.ISSUER and one.organisation_id == body.organisation_id and one.holds_on(clock.today()):
            return actor_of(found, one)
    raise InvalidError(_l("This person is no issuer of this body."))
