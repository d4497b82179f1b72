"""A chain of certificates for a seal key is put in order, and each link is checked before it is sealed under."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from app.credentials.rules.chain import ChainError, from_pem, links_of, read_chain, to_pem
from tests.authority import NOW, YEAR, certify, make_issuer, pem, usage

pytestmark = pytest.mark.one_database
KEY = ec.generate_private_key(ec.SECP256R1()).public_key()
SPKI = KEY.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
ROOT = make_issuer("国家根认证机构")
BELOW = make_issuer("电子认证机构", ROOT, path=0)
LEAF = certify(KEY, BELOW)
OTHER = make_issuer("另一机构")


def fault_of(text: str, **changes: object) -> tuple[str, str]:
    with pytest.raises(ChainError) as refused:
        read_chain(text, SPKI, **{"at": NOW, **changes})  # type: ignore[arg-type]
    return refused.value.code, refused.value.name


CHAIN = (LEAF, BELOW.certificate, ROOT.certificate)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)], ids=["in order", "root first", "mixed"])
def test_in_whatever_order_it_comes_it_leads_from_the_key_to_the_root(order: tuple[int, ...]) -> None:
    chain = read_chain(pem(*(CHAIN[place] for place in order)), SPKI, NOW)

    assert [(one.subject, one.issuer) for one in links_of(chain)] == [
        ("示例认证中心", "电子认证机构"),
        ("电子认证机构", "国家根认证机构"),
        ("国家根认证机构", "国家根认证机构"),
    ]
    assert list(from_pem(to_pem(chain))) == chain
    assert from_pem(None) == ()


def test_a_root_that_everybody_holds_may_be_left_out() -> None:
    assert len(read_chain(pem(LEAF, BELOW.certificate), SPKI, NOW)) == 2


def test_what_does_not_fit_is_named() -> None:
    above = (BELOW.certificate, ROOT.certificate)
    assert fault_of("no certificate at all") == ("file", "")
    assert fault_of(pem(LEAF, *above) * 3) == ("file", "")
    assert fault_of("x" * 70_000) == ("file", "")
    assert fault_of(pem(*above)) == ("key", "")
    assert fault_of(pem(LEAF)) == ("issuer", "电子认证机构")
    assert fault_of(pem(LEAF, ROOT.certificate)) == ("issuer", "电子认证机构")
    assert fault_of(pem(LEAF, *above, OTHER.certificate)) == ("outside", "另一机构")
    assert fault_of(pem(LEAF, *above), at=NOW + 2 * YEAR) == ("validity", "示例认证中心")
    assert fault_of(pem(LEAF, *above), at=NOW - YEAR) == ("validity", "示例认证中心")


def test_a_certificate_that_a_key_gave_itself_is_none_of_an_authority() -> None:
    own = ec.generate_private_key(ec.SECP256R1())
    spki = own.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(ChainError, match="self"):
        read_chain(pem(certify(own.public_key(), None, own=own)), spki, NOW)


def test_an_issuer_of_the_same_name_with_another_key_is_no_issuer() -> None:
    namesake = make_issuer("电子认证机构", ROOT)
    assert fault_of(pem(LEAF, namesake.certificate, ROOT.certificate)) == ("issuer", "电子认证机构")


@pytest.mark.parametrize(
    "extensions",
    [
        (x509.BasicConstraints(ca=True, path_length=None), usage("digital_signature")),
        (usage("key_encipherment"),),
        (usage("digital_signature"), x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])),
    ],
    ids=["an authority", "for encryption", "for servers"],
)
def test_a_certificate_for_something_else_seals_no_documents(extensions: tuple[x509.ExtensionType, ...]) -> None:
    leaf = certify(KEY, BELOW, extensions=extensions)
    assert fault_of(pem(leaf, BELOW.certificate, ROOT.certificate)) == ("use", "示例认证中心")


@pytest.mark.parametrize(
    "extensions",
    [(usage("content_commitment"),), (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]),)],
    ids=["to commit", "for mail"],
)
def test_a_certificate_for_signatures_of_people_will_do(extensions: tuple[x509.ExtensionType, ...]) -> None:
    leaf = certify(KEY, BELOW, extensions=extensions)
    assert len(read_chain(pem(leaf, BELOW.certificate), SPKI, NOW)) == 2


def test_who_may_certify_nobody_is_no_authority() -> None:
    person = make_issuer("个人", ROOT, ca=False)
    leaf = certify(KEY, person)
    assert fault_of(pem(leaf, person.certificate, ROOT.certificate)) == ("authority", "个人")
    narrow = make_issuer("末级根", path=0)
    middle = make_issuer("中间机构", narrow)
    leaf = certify(KEY, middle)
    assert fault_of(pem(leaf, middle.certificate, narrow.certificate)) == ("authority", "末级根")


def test_an_authority_whose_own_time_is_over_is_named() -> None:
    late = certify(BELOW.key.public_key(), ROOT, common="电子认证机构", ends=NOW - timedelta(hours=1))
    assert fault_of(pem(LEAF, late, ROOT.certificate)) == ("validity", "电子认证机构")
