"""Passkeys: registered and asked for by WebAuthn, verified by the library, spent once, counted."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import cast
from urllib.parse import urlsplit

from fido2 import cbor
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.utils import websafe_decode
from fido2.webauthn import (
    Aaguid,
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from sqlalchemy import delete, or_, select, update

from app.accounts import security
from app.accounts.models import Account, Passkey, Person, SpentChallenge
from app.accounts.queries import account_of, is_staff
from app.core import clock, events
from app.core.access import Actor
from app.core.columns import JsonObject
from app.core.config import settings
from app.core.db import session
from app.core.errors import ConflictError, InvalidError
from app.core.events import Subject
from app.core.text import _l

BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, struct.error)
NAME_LENGTH = 60
MOST = 20
CLONED = "sign_count"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a device has proved: which passkey, its counter, and the challenge that it answered."""

    passkey: Passkey
    sign_count: int
    challenge: bytes


def ask_to_add(person: Person) -> tuple[JsonObject, JsonObject]:
    """Return what the browser needs to make a passkey, and the state to check its answer against."""
    user = PublicKeyCredentialUserEntity(name=person.name, id=person.code.encode(), display_name=person.name)
    options, state = _server().register_begin(
        user,
        _known(security.passkeys_of(person.id)),
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(options.public_key), dict(state)


def ask_to_show(passkeys: Sequence[Passkey] | None = None) -> tuple[JsonObject, JsonObject]:
    """Return what the browser needs to show a passkey: one of those given, or any that it keeps for this site.

    The device always verifies its user, by finger, face or PIN, so that a passkey alone is two factors.
    """
    credentials = None if passkeys is None else _known(passkeys)
    options, state = _server().authenticate_begin(credentials, UserVerificationRequirement.REQUIRED)
    return dict(options.public_key), dict(state)


def add_first_passkey(account: Account, state: JsonObject, answer: JsonObject, *, name: str, at: datetime) -> None:
    """Keep a passkey as the first second factor of a person who has shown only the password so far.

    Raises ConflictError where the account is guarded already: who merely knows the password adds nothing to it.
    """
    if security.has_second_factor(account):
        raise ConflictError(_l("Your second factor is set up already. Sign in again and show it."))
    add_passkey(account, state, answer, name=name, by=None, at=at)


def add_passkey(
    account: Account, state: JsonObject, answer: JsonObject, *, name: str, by: Actor | None, at: datetime
) -> None:
    """Keep the passkey that a browser has made, at an instant of security time.

    `by` is None where the person is still signing in.

    Raises InvalidError where the answer does not fit the state, ConflictError for one that is kept already.
    """
    if len(security.passkeys_of(account.person_id)) >= MOST:
        raise ConflictError(_l("You have %(count)d passkeys, which is the most. Remove one first.", count=MOST))
    try:
        made = _server().register_complete(state, answer)
        found = made.credential_data
    except BROKEN as error:
        raise _unusable() from error
    if found is None:
        raise _unusable()
    _spend(websafe_decode(state["challenge"]), at)
    if session.scalar(select(Passkey.id).where(Passkey.credential == found.credential_id)) is not None:
        raise ConflictError(_l("This passkey is known already."))
    passkey = Passkey(
        person_id=account.person_id,
        credential=found.credential_id,
        public_key=cbor.encode(found.public_key),
        sign_count=made.counter,
        name=clean_name(name),
        added_at=at,
    )
    session.add(passkey)
    session.flush()
    _record("accounts.passkey_added", passkey, account.person, by=by, at=at)


def check_passkey(state: JsonObject, answer: JsonObject) -> Shown:
    """Verify the answer of a device against the state; writes nothing. Raises InvalidError where it does not fit."""
    try:
        parsed = AuthenticationResponse.from_dict(answer)
        passkey = session.scalar(select(Passkey).where(Passkey.credential == parsed.raw_id))
        _server().authenticate_complete(state, _known([passkey] if passkey else []), parsed)
        count = parsed.response.authenticator_data.counter
    except BROKEN as error:
        raise _unusable() from error
    if passkey is None:
        raise _unusable()
    return Shown(passkey, count, websafe_decode(state["challenge"]))


def use_passkey(shown: Shown, *, at: datetime) -> Account:
    """Let a proof open a door once, and move the counter on; return the account it opens.

    Raises InvalidError with code `sign_count` where the counter stands still or goes back, which a copy of
    the device would do; ConflictError where the same answer was used before.
    """
    _spend(shown.challenge, at)
    moved = session.execute(
        update(Passkey)
        .where(
            Passkey.id == shown.passkey.id,
            or_(Passkey.sign_count < shown.sign_count, (Passkey.sign_count == 0) & (shown.sign_count == 0)),
        )
        .values(sign_count=shown.sign_count, used_at=at)
        .returning(Passkey.person_id)
    ).first()
    if moved is None:
        raise InvalidError(
            _l("This passkey shows an old counter, as a copy would. Use another way in, then remove it."), code=CLONED
        )
    account = account_of(moved.person_id)
    if account is None or account.person.erased_at is not None:
        raise _unusable()
    return account


def note_clone(passkey: Passkey, *, at: datetime) -> None:
    """Record that a passkey showed a counter that a copy would show."""
    person = session.get_one(Person, passkey.person_id)
    _record("accounts.passkey_suspect", passkey, person, by=None, at=at)


def rename_passkey(passkey: Passkey, name: str, *, by: Actor, at: datetime) -> None:
    """Give a passkey another name."""
    passkey.name = clean_name(name)
    session.flush()
    _record("accounts.passkey_renamed", passkey, session.get_one(Person, passkey.person_id), by=by, at=at)


def remove_passkey(account: Account, passkey: Passkey, *, by: Actor, at: datetime) -> None:
    """Take a passkey away; raises ConflictError where it is the last factor of a person whose role needs one."""
    last = account.totp_sealed is None and len(security.passkeys_of(account.person_id)) == 1
    if last and is_staff(account.person_id, clock.today()):
        raise ConflictError(
            _l("Your role needs a second factor. Set up an app or another passkey first, then remove this one.")
        )
    _record("accounts.passkey_removed", passkey, account.person, by=by, at=at)
    session.delete(passkey)
    session.flush()


def forget_old_challenges(*, before: datetime) -> int:
    """Delete the spent challenges that no page can still hold; return how many."""
    old = delete(SpentChallenge).where(SpentChallenge.spent_at < before)
    return len(session.execute(old.returning(SpentChallenge.id)).all())


def clean_name(name: str) -> str:
    """Return the name of a passkey as it is kept; raises InvalidError where it is empty or long."""
    written = " ".join(name.split())
    if not written or len(written) > NAME_LENGTH:
        raise InvalidError(_l("Give the passkey a name of at most %(count)d letters.", count=NAME_LENGTH), field="name")
    return written


def _spend(challenge: bytes, at: datetime) -> None:
    digest = sha256(challenge).digest()
    if session.scalar(select(SpentChallenge.id).where(SpentChallenge.digest == digest)) is not None:
        raise ConflictError(_l("This answer of your device was used already. Reload the page and try again."))
    session.add(SpentChallenge(digest=digest, spent_at=at))
    session.flush()


def _server() -> Fido2Server:
    """Return the relying party: its id is the host of PUBLIC_URL, and answers come from that very origin."""
    origin = settings().public_url
    host = urlsplit(origin).hostname or "localhost"
    party = PublicKeyCredentialRpEntity(name="Jijing", id=host)
    return Fido2Server(party, verify_origin=lambda shown: shown == origin)


def _known(passkeys: Sequence[Passkey]) -> list[AttestedCredentialData]:
    return [AttestedCredentialData.create(Aaguid.NONE, one.credential, _key_of(one)) for one in passkeys]


def _key_of(passkey: Passkey) -> CoseKey:
    return CoseKey.parse(cast("Mapping[int, object]", cbor.decode(passkey.public_key)))


def _unusable() -> InvalidError:
    return InvalidError(_l("The answer of your device does not fit. Reload the page and try again."))


def _record(kind: str, passkey: Passkey, person: Person, *, by: Actor | None, at: datetime) -> None:
    events.record(kind, Subject("person", person.code), by=by, at=at, data={"passkey": passkey.code})
