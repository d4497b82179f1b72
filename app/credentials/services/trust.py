"""The trust bundle: gathered from what is published, signed by the authority, built when something changed."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete

from app.core.columns import JsonObject
from app.core.config import settings
from app.core.db import session
from app.core.errors import UnavailableError
from app.core.signing import Algorithm
from app.core.text import _l
from app.credentials import queries
from app.credentials.models import BodyOrder, IssuingBody, StatusList, TrustBundle
from app.credentials.queries import body_orders, delegations, phone
from app.credentials.queries import trust as reads
from app.credentials.rules import bundle, contexts
from app.credentials.rules.instants import write_instant
from app.credentials.rules.qr_check import QrTrust
from app.credentials.services import log
from app.credentials.services.bodies import signer_of
from app.credentials.services.status_lists import beside, edition_of, signed_list, unopened

GUIDES = Path(__file__).resolve().parents[3] / "content" / "trust"
CONFIRMED_EACH = timedelta(days=1)
"""How old a bundle may get though nothing changed: its date is what tells a reader how fresh its lists are."""
KEPT = 2
MOVING = frozenset({bundle.CHECKPOINT})
"""Moves on with every certificate and so is no reason to build: keys and lists are what a bundle is for."""


def phone_trust(*, at: datetime) -> QrTrust:
    """Return what the page on a phone keeps, as of now."""
    fresh = timedelta(days=settings().trust_days)
    return QrTrust(
        at, phone.known_bodies(), phone.known_keys(), phone.known_lists(), fresh, levels=phone.known_levels()
    )


def gather() -> dict[str, bytes]:
    """Return the files of a bundle by their paths; raises UnavailableError where a list cannot be signed."""
    bodies = reads.all_bodies()
    authority, distrusts = _authority(), body_orders.distrusts()
    files = {f"did/{one.slug}.json": _json(queries.did_document(one)) for one in bodies}
    files[bundle.AUTHORITY] = _json(queries.did_document(authority))
    files["bodies.json"] = _json({"bodies": [_body_row(one, authority, distrusts.get(one.id)) for one in bodies]})
    files |= _context_files()
    for delegation in delegations.published_delegations():
        files[f"endorsement/{delegation.code}.json"] = _json(delegations.endorsement_of(delegation))
    for listed in reads.all_lists():
        files.update(_list_files(listed))
    files |= {bundle.LOG_KEYS: f"{log.verifier_key()}\n".encode(), bundle.CHECKPOINT: log.checkpoint().encode()}
    return files | {path.name: path.read_bytes() for path in sorted(GUIDES.glob("README.*"))}


def _context_files() -> dict[str, bytes]:
    """Return the texts that decide what a signature means, and a table of their addresses and hashes."""
    known = sorted((url, f"contexts/{name}", digest) for url, (name, digest) in contexts.PINNED.items())
    table = {url: {"file": path, "sha256": digest} for url, path, digest in known}
    return {"contexts.json": _json(table)} | {path: contexts.context_bytes(url) for url, path, _digest in known}


def _list_files(listed: StatusList) -> dict[str, bytes]:
    """Return both lists of a body with their proof inside and as JWT, each for the verifiers that read only that."""
    parallel = beside(listed.id) or unopened(listed)
    named = ((f"status/{listed.code}", listed), (f"status/{listed.code}-suspension", parallel))
    signed = {f"{path}.json": _json(signed_list(one)) for path, one in named}
    return signed | {f"{path}.jwt": edition_of(one, jwt=True).text.encode() for path, one in named}


def _authority() -> IssuingBody:
    found = reads.authority_body()
    if found is None:
        raise UnavailableError(_l("The platform issues nothing under its own name yet, so nobody can sign the bundle."))
    return found


def _body_row(body: IssuingBody, authority: IssuingBody, order: BodyOrder | None) -> JsonObject:
    return {
        "did": body.did,
        "slug": body.slug,
        "name_zh": body.name_zh,
        "name_en": body.name_en,
        "opened": write_instant(body.opened_at),
        "closed": write_instant(body.closed_at) if body.closed_at else "",
        "distrusted": write_instant(order.since) if order and order.since else "",
        "reason": order.reason if order else "",
        "authority": "yes" if body.id == authority.id else "no",
    }


def _json(document: JsonObject) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def build(*, at: datetime) -> tuple[str, bundle.Packed]:
    """Build a bundle of what is published now and return its fingerprint and itself; keeps nothing."""
    files = gather()
    return _mark(files), _packed(files, at)


def _mark(files: dict[str, bytes]) -> str:
    return bundle.fingerprint({path: content for path, content in files.items() if path not in MOVING})


def _packed(files: dict[str, bytes], at: datetime) -> bundle.Packed:
    authority = _authority()
    signer = signer_of(authority, Algorithm.P256)
    return bundle.pack(
        files,
        authority=authority.did,
        site=settings().public_url,
        signer=signer,
        made_at=at,
        valid_for=timedelta(days=settings().trust_days),
    )


def keep_bundle(*, at: datetime) -> bool:
    """Build and keep a bundle where something changed or the last one is a day old; tell whether it was built."""
    files = gather()
    mark = _mark(files)
    latest = reads.latest_bundle()
    if latest and latest.fingerprint == mark and at - latest.made_at < CONFIRMED_EACH:
        return False
    packed = _packed(files, at)
    built = TrustBundle(
        fingerprint=mark,
        made_at=at,
        manifest=packed.manifest,
        signature=packed.signature,
        content=packed.content,
    )
    session.add(built)
    session.flush()
    session.execute(delete(TrustBundle).where(TrustBundle.id <= built.id - KEPT))
    return True
