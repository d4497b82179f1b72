"""QR codes, their keys and what a reader knows, for the tests of the proof and of its check in both languages."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal

import cbor2

from app.core.columns import ALPHABET
from app.core.signing import FileSigner
from app.credentials.rules import cose, status_list
from app.credentials.rules.cose import QrFacts
from app.credentials.rules.qr_check import Distrust, KnownBody, KnownKey, KnownList, KnownScope, QrTrust
from app.credentials.states import CertificateKind

BASE = "http://localhost:8000"
DID, OTHER_DID = "did:web:localhost%3A8000", "did:web:localhost%3A8000:issuers:other"
SCOPED_DID = "did:web:localhost%3A8000:issuers:scoped"
DISTRUSTED_DID = "did:web:localhost%3A8000:issuers:distrusted"
UNSCOPED_DID = "did:web:localhost%3A8000:issuers:unscoped"
LIST, OTHER_LIST, UNKNOWN_LIST = "1" + ALPHABET[1:26], "2" + ALPHABET[1:26], "3" + ALPHABET[1:26]
AT = datetime(2026, 11, 23, 4, tzinfo=UTC)
REVOKED, SUSPENDED = 4711, 131_071
FACTS = QrFacts(
    code="7m3x9kq2c4v8b1n5d6f0g7h2jp",
    issuer=cose.short_id(DID).hex(),
    holder="张䶮",
    kind=CertificateKind.CAPABILITY,
    level="junior",
    number="TM3700000001",
    valid_from=date(2026, 6, 1),
    valid_until=date(2029, 5, 31),
    list_code=LIST,
    index=94_567,
    hours=Decimal(80),
)

SCOPES = (
    KnownScope(
        ("capability", "title"), ("junior",), datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)
    ),
    KnownScope(("exam_pass",), ("junior", "senior"), datetime(2026, 6, 15, tzinfo=UTC)),
)


@dataclass(frozen=True)
class Keys:
    """Signers of the issuing body, of another body, of a stranger, and a compromised one of the body."""

    own: FileSigner
    other: FileSigner
    stranger: FileSigner
    compromised: FileSigner


def trust_of(keys: Keys) -> QrTrust:
    """Return what a reader knows who asked at AT."""
    bits = status_list.set_bits([3, REVOKED, 90_000])
    return QrTrust(
        as_of=AT,
        bodies=[
            KnownBody(DID, "示例认证中心", "Sample Certification Centre", vouched=True),
            KnownBody(OTHER_DID, "另一机构", "Other body", closed_at=datetime(2026, 7, 1, tzinfo=UTC), vouched=True),
            KnownBody(
                DISTRUSTED_DID,
                "失信机构",
                "Distrusted body",
                closed_at=datetime(2026, 5, 31, 15, 59, 59, tzinfo=UTC),
                vouched=True,
                distrusted=Distrust(datetime(2026, 5, 31, 16, tzinfo=UTC), "发证材料造假 $& %(on)s"),
            ),
            KnownBody(SCOPED_DID, "受权机构", "Delegate", vouched=True, scopes=SCOPES),
            KnownBody(UNSCOPED_DID, "未受权机构", "Nobody's delegate", vouched=True, scopes=()),
        ],
        keys=[
            KnownKey(DID, keys.own.public_key),
            KnownKey(DID, keys.compromised.public_key, revoked=True),
            KnownKey(OTHER_DID, keys.other.public_key),
            KnownKey(DISTRUSTED_DID, keys.other.public_key),
            KnownKey(SCOPED_DID, keys.other.public_key),
            KnownKey(UNSCOPED_DID, keys.other.public_key),
        ],
        lists={
            LIST: KnownList(DID, bits, status_list.set_bits([SUSPENDED])),
            OTHER_LIST: KnownList(OTHER_DID, status_list.set_bits([])),
        },
    )


def address(facts: QrFacts, signer: FileSigner) -> str:
    """Return the address that would be printed."""
    return cose.qr_address(BASE, cose.sign_cose(cose.qr_claims(facts), signer))


def seal(signer: FileSigner, claims: bytes, protected: object = None, unprotected: object = None) -> bytes:
    """Sign whatever claims and header are given: what a forger with a key of their own can do."""
    header = {1: -7, 4: cose.short_id(signer.public_key.multikey)} if protected is None else protected
    head = header if isinstance(header, bytes) else cbor2.dumps(header)
    signature = signer.sign(cose.signed_bytes(head, claims))
    return cbor2.dumps(cbor2.CBORTag(18, [head, unprotected or {}, claims, signature]))


def listed(facts: QrFacts) -> list[object]:
    """Return the claims as they stand in the array."""
    found: list[object] = cbor2.loads(cose.qr_claims(facts))
    return found


def corpus(keys: Keys) -> Iterator[tuple[str, str]]:
    """Yield good and forged QR codes by name."""
    yield from _good(keys)
    yield from _of_others(keys)
    yield from _scoped(keys)
    yield from _changed(keys)
    yield from _respelled(keys)
    yield from _no_claims(keys)
    yield from _texts(keys)


def _good(keys: Keys) -> Iterator[tuple[str, str]]:
    later = replace(FACTS, valid_from=date(2030, 1, 1), valid_until=None)
    yield "good", address(FACTS, keys.own)
    yield "good, digits alone", address(FACTS, keys.own).partition("#")[2]
    yield "good, blanks around", f"\n  {address(FACTS, keys.own)}\r\n"
    yield (
        "good, without end, number, level, hours",
        address(replace(FACTS, valid_until=None, number=None, level=None, hours=None), keys.own),
    )
    yield "good, level in words", address(replace(FACTS, level="A 级"), keys.own)
    yield "good, level by a name of its own", address(replace(FACTS, level_name="初级技术经理人"), keys.own)
    yield "good, level of a rule pack", address(replace(FACTS, level="chief-1", level_name="首席"), keys.own)
    yield "good, rare characters", address(replace(FACTS, holder="㛃𬍛·䶮󠄀"), keys.own)
    for kind in CertificateKind:
        yield f"good, {kind}", address(replace(FACTS, kind=kind), keys.own)
    yield "revoked", address(replace(FACTS, index=REVOKED), keys.own)
    yield "neighbour of a revoked one", address(replace(FACTS, index=REVOKED + 1), keys.own)
    yield "first index", address(replace(FACTS, index=0), keys.own)
    yield "suspended", address(replace(FACTS, index=SUSPENDED), keys.own)
    yield "list unknown here", address(replace(FACTS, list_code=UNKNOWN_LIST), keys.own)
    yield "list of another body", address(replace(FACTS, list_code=OTHER_LIST), keys.own)
    yield "index outside of the list", address(replace(FACTS, index=131_072), keys.own)
    yield "expired", address(replace(FACTS, valid_until=date(2026, 11, 22)), keys.own)
    yield "last day", address(replace(FACTS, valid_until=date(2026, 11, 23)), keys.own)
    yield "first day", address(replace(FACTS, valid_from=date(2026, 11, 23)), keys.own)
    yield "not yet valid", address(later, keys.own)


def _of_others(keys: Keys) -> Iterator[tuple[str, str]]:
    other = replace(FACTS, issuer=cose.short_id(OTHER_DID).hex(), list_code=OTHER_LIST)
    yield "other body before it ended", address(other, keys.other)
    yield "other body after it ended", address(replace(other, valid_from=date(2026, 8, 1)), keys.other)
    distrusted = replace(other, issuer=cose.short_id(DISTRUSTED_DID).hex())
    yield "distrusted body since that day", address(distrusted, keys.other)
    yield "distrusted body before that day", address(replace(distrusted, valid_from=date(2026, 5, 31)), keys.other)
    yield "signed by another body", address(FACTS, keys.other)
    yield "signed for another body", address(other, keys.own)
    yield "signed by a stranger", address(FACTS, keys.stranger)
    yield "signed by a compromised key", address(FACTS, keys.compromised)
    yield "issuer unknown here", address(replace(FACTS, issuer="00" * 8), keys.own)
    claims = cose.qr_claims(FACTS)
    named = {1: -7, 4: cose.short_id(keys.own.public_key.multikey)}
    yield "stranger under the key id of the body", _printed(seal(keys.stranger, claims, named))


def _scoped(keys: Keys) -> Iterator[tuple[str, str]]:
    own = replace(FACTS, issuer=cose.short_id(SCOPED_DID).hex(), list_code=OTHER_LIST)
    exam = CertificateKind.EXAM_PASS
    yield "delegate within its scope", address(own, keys.other)
    yield "delegate, second scope", address(replace(own, kind=exam, valid_from=date(2026, 7, 1)), keys.other)
    yield (
        "delegate, kind without levels",
        address(replace(own, kind=CertificateKind.TITLE, level="工程系列高级工程师"), keys.other),
    )
    yield "delegate, another kind", address(replace(own, kind=CertificateKind.COURSE_COMPLETION), keys.other)
    yield "delegate, another level", address(replace(own, level="senior"), keys.other)
    named = replace(own, level_name="初级技术经理人")
    yield "delegate, level by a name of its own", address(named, keys.other)
    yield "delegate, another level by a name of its own", address(replace(named, level="senior"), keys.other)
    yield "delegate, level of a rule pack", address(replace(named, level="chief"), keys.other)
    yield "delegate before its scope", address(replace(own, kind=exam), keys.other)
    yield (
        "delegate after its scope",
        address(replace(own, valid_from=date(2026, 10, 1), kind=CertificateKind.CAPABILITY), keys.other),
    )
    yield "body without a delegation", address(replace(own, issuer=cose.short_id(UNSCOPED_DID).hex()), keys.other)


def _printed(data: bytes) -> str:
    return cose.qr_address(BASE, data)


def _changed(keys: Keys) -> Iterator[tuple[str, str]]:
    data = cose.read_address(address(FACTS, keys.own))
    tagged = cbor2.loads(data)
    head, _open, claims, signature = tagged.value
    for name, change in {
        "name changed": {"holder": "张三"},
        "level raised": {"level": "senior"},
        "kind changed": {"kind": CertificateKind.EXAM_PASS},
        "number changed": {"number": "TM3700000002"},
        "validity stretched": {"valid_until": date(2099, 1, 1)},
        "index moved": {"index": 5},
        "hours raised": {"hours": Decimal("80.01")},
    }.items():
        yield name, _with([head, {}, cose.qr_claims(replace(FACTS, **change)), signature])  # type: ignore[arg-type]
    yield "signature of zeros", _with([head, {}, claims, bytes(64)])
    yield "signature cut", _with([head, {}, claims, signature[:63]])
    yield "signature in DER length", _with([head, {}, claims, signature + bytes(8)])
    yield "one bit of the signature", _with([head, {}, claims, signature[:-1] + bytes([signature[-1] ^ 1])])
    yield "without signature", _with([head, {}, claims])
    yield "payload taken out", _with([head, {}, None, signature])
    yield "another tag", _printed(cbor2.dumps(cbor2.CBORTag(98, tagged.value)))
    yield "without a tag", _printed(cbor2.dumps(tagged.value))
    yield "tag in a tag", _printed(cbor2.dumps(cbor2.CBORTag(18, tagged)))
    yield "cut short", _printed(data[:-1])
    yield "something behind", _printed(data + b"\0")


def _with(parts: list[object]) -> str:
    return _printed(cbor2.dumps(cbor2.CBORTag(18, parts)))


def _respelled(keys: Keys) -> Iterator[tuple[str, str]]:
    own, claims = keys.own, cose.qr_claims(FACTS)
    kid = cose.short_id(own.public_key.multikey)
    data = seal(own, claims)
    yield "algorithm EdDSA", _printed(seal(own, claims, {1: -8, 4: kid}))
    yield "algorithm ES384", _printed(seal(own, claims, {1: -35, 4: kid}))
    yield "algorithm none", _printed(seal(own, claims, {1: 0, 4: kid}))
    yield "algorithm as text", _printed(seal(own, claims, {1: "ES256", 4: kid}))
    yield "algorithm outside of the signature", _printed(seal(own, claims, {4: kid}, {1: -7}))
    yield "key id outside of the signature", _printed(seal(own, claims, {1: -7}, {4: kid}))
    yield "empty header", _printed(seal(own, claims, b""))
    yield "header twice", _printed(seal(own, claims, {1: -7, 4: kid}, {1: -8}))
    yield "more in the header", _printed(seal(own, claims, {1: -7, 2: [1], 4: kid}))
    yield "longer key id", _printed(seal(own, claims, {1: -7, 4: kid + b"\0"}))
    yield "header out of order", _printed(seal(own, claims, b"\xa2\x04\x48" + kid + b"\x01\x26"))
    yield "header key twice", _printed(seal(own, claims, b"\xa3\x01\x26\x01\x26\x04\x48" + kid))
    yield "header in longer numbers", _printed(seal(own, claims, b"\xa2\x18\x01\x26\x04\x48" + kid))
    yield "outer array without a length", _printed(b"\xd2\x9f" + data[2:] + b"\xff")
    yield "tag in a longer form", _printed(b"\xd8\x12" + data[1:])
    yield "claims in a longer number", _printed(seal(own, b"\x8c\x18\x01" + claims[2:]))
    yield "claims without a length", _printed(seal(own, b"\x9f" + claims[1:] + b"\xff"))
    yield "something behind the claims", _printed(seal(own, claims + b"\0"))


def _no_claims(keys: Keys) -> Iterator[tuple[str, str]]:
    def place(number: int, value: object) -> str:
        found = listed(FACTS)
        found[number] = value
        return _printed(seal(keys.own, cbor2.dumps(found, canonical=True)))

    yield "version 2 without a name", place(0, 2)
    yield "version 3", place(0, 3)
    yield "version as text", place(0, "1")
    yield "code too short", place(1, bytes(15))
    yield "code as text", place(1, FACTS.code)
    yield "issuer as text", place(2, FACTS.issuer)
    yield "no name", place(3, "")
    yield "name with a blank", place(3, "张三 ")
    yield "name turned around", place(3, "张\u202e三")
    yield "name with a line break", place(3, "张\n三")
    yield "name not composed", place(3, "Zoe\u0308")
    yield "name as bytes", place(3, "张三".encode())
    yield "name as list", place(3, ["张三"])
    yield "name too long", place(3, "张" * 201)
    yield "kind 0", place(4, 0)
    yield "kind 8", place(4, 8)
    yield "kind true", place(4, True)  # noqa: FBT003 - a value of CBOR
    yield "level 4", place(5, 4)
    yield "level spelled out", place(5, "senior")
    yield "from a negative day", place(7, -1)
    yield "from a day as number with a point", place(7, 20605.5)
    yield "until before from", place(8, 20_000)
    yield "until year 3000", place(8, 376_200)
    yield "negative index", place(10, -1)
    yield "huge index", place(10, 2**63)
    yield "hours as text", place(11, "80")
    yield "null list", place(9, None)
    yield "eleven places", _printed(seal(keys.own, cbor2.dumps(listed(FACTS)[:11], canonical=True)))
    yield "thirteen places", _printed(seal(keys.own, cbor2.dumps([*listed(FACTS), None], canonical=True)))
    for name, given in {"null": None, "too long": "张" * 201, "with a blank": "首席 "}.items():
        named = [2, *listed(FACTS)[1:], given]
        yield f"name of the level {name}", _printed(seal(keys.own, cbor2.dumps(named, canonical=True)))
    for level in (None, "A 级", "senior"):
        named = [2, *listed(FACTS)[1:5], level, *listed(FACTS)[6:], "首席"]
        yield f"name of the level {level}", _printed(seal(keys.own, cbor2.dumps(named, canonical=True)))
    yield "claims as a map", _printed(seal(keys.own, cbor2.dumps({1: "张三"})))
    yield "empty claims", _printed(seal(keys.own, b""))
    yield "deep claims", _printed(seal(keys.own, b"\x81" * 40 + b"\x01"))
    yield "claims of endless length", _printed(seal(keys.own, b"\x9b" + b"\xff" * 8))


def _texts(keys: Keys) -> Iterator[tuple[str, str]]:
    good = address(FACTS, keys.own)
    digits = good.partition("#")[2]
    yield "another host, same proof", good.replace("localhost:8000", "evil.example")
    yield "another path", good.replace("/v#", "/w#")
    yield "another scheme", good.replace("http:", "javascript:")
    yield "no fragment", good.partition("#")[0]
    yield "empty fragment", good.partition("#")[0] + "#"
    yield "empty", ""
    yield "a digit lost", good[:-1]
    yield "a digit doubled", good + good[-1]
    yield "a digit changed", good[:-3] + str((int(good[-3]) + 1) % 10) + good[-2:]
    yield "a letter among the digits", good[:-3] + "x" + good[-2:]
    yield "full-width digits", good[:-3] + "１" + good[-2:]
    yield "number above its bytes", f"{BASE}/v#" + "9" * 17 + digits[17:]
    yield "two proofs", f"{good}#{digits}"
    yield "far too long", f"{BASE}/v#" + "1" * 3000
    yield "long digits", f"{BASE}/v#" + "0" * 1717
    yield "another QR code", "https://example.org/"
    yield "zeros", "0" * 17
