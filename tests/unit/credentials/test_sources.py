"""Only addresses below what the operator allows are asked: same scheme, host, port, and a path that climbs nowhere."""

import pytest

from app.credentials.rules.sources import MOST, Source, SourceError, allowed, from_text, sources_of, to_text
from app.credentials.states import ProofKind

pytestmark = pytest.mark.one_database
ALLOWED = ("http://crl.example/lists/", "https://ocsp.example", "http://one.example:8080/exactly.crl")


@pytest.mark.parametrize(
    "url",
    [
        "http://crl.example/lists/root.crl",
        "http://CRL.example:80/lists/below/one.crl",
        "https://ocsp.example/",
        "https://ocsp.example:443/any/where",
        "http://one.example:8080/exactly.crl",
    ],
)
def test_what_lies_below_is_allowed(url: str) -> None:
    assert allowed(url, ALLOWED)


@pytest.mark.parametrize(
    "url",
    [
        "https://crl.example/lists/root.crl",
        "http://crl.example:8080/lists/root.crl",
        "http://crl.example/listsandmore",
        "http://crl.example/lists",
        "http://crl.example.evil/lists/root.crl",
        "http://crl.example@evil/lists/root.crl",
        "http://crl.example/lists/../secret",
        "http://crl.example/lists/%2e%2E/secret",
        "http://crl.example/lists/..\\secret",
        "http://crl.example/lists/root.crl#part",
        "http://one.example:8080/exactly.crl2",
        "http://one.example:notaport/exactly.crl",
        "http://[broken/exactly.crl",
        "ftp://crl.example/lists/",
        "file:///lists/root.crl",
        "/lists/root.crl",
        "",
    ],
)
def test_what_lies_elsewhere_is_not(url: str) -> None:
    assert not allowed(url, ALLOWED)


def test_nothing_is_allowed_where_nothing_is_set() -> None:
    assert not allowed("http://crl.example/lists/root.crl", ())


def test_addresses_are_kept_with_their_kind_each_once() -> None:
    lists = "http://crl.example/lists/a.crl\n\n  http://crl.example/lists/a.crl \nhttp://crl.example/lists/b.crl"
    found = sources_of(((ProofKind.CRL, lists), (ProofKind.OCSP, "https://ocsp.example/")), ALLOWED)

    assert found == (
        Source(ProofKind.CRL, "http://crl.example/lists/a.crl"),
        Source(ProofKind.CRL, "http://crl.example/lists/b.crl"),
        Source(ProofKind.OCSP, "https://ocsp.example/"),
    )
    assert from_text(to_text(found)) == found
    assert (to_text(()), from_text(None)) == (None, ())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("crl.example/lists/", "address"),
        (f"http://crl.example/lists/{'x' * 300}", "address"),
        ("http://10.0.0.1/", "not-allowed"),
        ("\n".join(f"http://crl.example/lists/{number}" for number in range(MOST + 1)), "many"),
    ],
)
def test_an_unfit_address_is_named_with_its_field(text: str, code: str) -> None:
    with pytest.raises(SourceError) as refused:
        sources_of(((ProofKind.OCSP, text),), ALLOWED)
    assert (refused.value.code, refused.value.kind) == (code, ProofKind.OCSP)
    assert not refused.value.url or refused.value.url in text
