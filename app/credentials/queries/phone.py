"""What a phone keeps to check QR codes without network: every body, key and status list, no person."""

import json
from collections import defaultdict

from sqlalchemy import select

from app.core.db import session
from app.core.signing import Algorithm, read_multikey
from app.credentials.models import BodyOrder, Delegation, IssuingBody, SigningKey, StatusList, SuspensionList
from app.credentials.queries import body_orders
from app.credentials.queries.trust import all_bodies, authority_body
from app.credentials.rules.delegation import read_endorsement
from app.credentials.rules.qr_check import Distrust, KnownBody, KnownKey, KnownList, KnownScope, known_scope
from app.rulebook import queries as rulebook


def known_bodies() -> list[KnownBody]:
    """Return every body as a phone knows it, vouched for by the authority's own site, with what was delegated to it."""
    authority = authority_body()
    scopes: dict[int, list[KnownScope]] = defaultdict(list)
    distrusts = body_orders.distrusts()
    query = select(Delegation.body_id, Delegation.credential).where(Delegation.credential.is_not(None))
    for body_id, credential in session.execute(query.order_by(Delegation.id)):
        scopes[body_id].append(known_scope(read_endorsement(json.loads(credential or ""))))
    return [
        KnownBody(
            one.did,
            one.name_zh,
            one.name_en,
            closed_at=one.closed_at,
            vouched=True,
            scopes=None if authority is None or one.id == authority.id else tuple(scopes[one.id]),
            distrusted=_distrust(distrusts.get(one.id)),
        )
        for one in all_bodies()
    ]


def _distrust(order: BodyOrder | None) -> Distrust | None:
    return Distrust(order.since, order.reason) if order is not None and order.since is not None else None


def known_keys() -> list[KnownKey]:
    """Return every P-256 key, retired ones too, with the body that holds it."""
    rows = session.execute(
        select(IssuingBody.did, SigningKey.public_multibase, SigningKey.revoked_at)
        .join(IssuingBody, IssuingBody.id == SigningKey.body_id)
        .where(SigningKey.algorithm == Algorithm.P256)
        .order_by(SigningKey.id)
    )
    return [KnownKey(did, read_multikey(text), revoked=revoked is not None) for did, text, revoked in rows]


def known_lists() -> dict[str, KnownList]:
    """Return every status list by its code, with the suspensions beside it."""
    query = select(StatusList, SuspensionList.bits).outerjoin(
        SuspensionList, SuspensionList.status_list_id == StatusList.id
    )
    rows = session.execute(query.order_by(StatusList.id))
    return {one.code: KnownList(one.body.did, one.bits, suspended) for one, suspended in rows}


def known_levels() -> list[tuple[str, str, str]]:
    """Return what levels are called by packs: code, Chinese and English name, where a Chinese name has only one."""
    named: dict[tuple[str, str], set[str]] = defaultdict(set)
    for code, names in rulebook.names_of_levels().items():
        for one in names:
            named[code, one.zh].add(one.en)
    return [(code, zh, english.pop()) for (code, zh), english in named.items() if len(english) == 1]
