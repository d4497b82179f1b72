"""The fast way gives byte for byte what the full way gives, and hands over to it wherever it might not."""

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.signing import FileSigner
from app.credentials.rules import compiled as compiling
from app.credentials.rules import openbadge, proof, status_list
from app.credentials.rules.canonical import CanonicalError, canonicalize, default_quads
from app.credentials.rules.compiled import Compiled
from app.credentials.rules.document import JsonObject
from app.credentials.rules.openbadge import Achievement, Bilingual, Certificate, Holder, Issuer, StatusEntry
from app.credentials.states import CertificateKind
from tests.conftest import uncounted
from tests.unit.credentials import samples
from tests.unit.credentials.test_proof import _by_pyld, _places

# Any text that JSON can carry: quotes, backslashes, line ends, control characters, every plane of Unicode.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
HAN = st.text("张㛃䶮𬍛·— \"\\\n\r\t%s{}<>_:a'\u2028\u0085", min_size=1, max_size=12)
ANY = TEXTS | HAN
PATHS = st.text("abc/._~%20-+;=?#&@!'()*,:", max_size=16)
URLS = st.builds("https://{}.example/{}".format, st.sampled_from(["a", "cert", "xn--fiqs8s"]), PATHS)
DIDS = st.builds("did:web:{}.example{}".format, st.sampled_from("abc"), st.sampled_from(["", ":issuers:x", "%3A8000"]))
DAYS = st.integers(0, 20_000).map(lambda days: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=days))
BOTH = st.builds(Bilingual, ANY, st.none() | ANY)
CERTIFICATES = st.builds(
    Certificate,
    url=URLS,
    holder=st.builds(Holder, ANY, st.none() | ANY),
    issuer=st.builds(Issuer, DIDS, BOTH, URLS),
    achievement=st.builds(
        Achievement, URLS, st.sampled_from(sorted(openbadge.ACHIEVEMENT_TYPES)), BOTH, BOTH, BOTH, st.none() | ANY
    ),
    valid_from=DAYS,
    valid_until=st.none() | DAYS,
    status=st.builds(StatusEntry, URLS, st.integers(0, 131_071)),
    statement=ANY,
    number=st.none() | ANY,
    hours=st.none() | st.decimals(1, 9999, places=2),
)


@pytest.fixture(scope="module")
def learned() -> Compiled:
    return Compiled()


@settings(max_examples=400, deadline=None)
@given(facts=CERTIFICATES)
def test_it_equals_pyld_on_any_certificate(learned: Compiled, facts: Certificate) -> None:
    """Every kind, with and without each optional member, any Unicode: the bytes of RDFC-1.0 as pyld makes them."""
    document = openbadge.build_credential(facts)
    known = learned.learn(document)

    quads, fast = learned.read(document)

    assert quads.decode() == _by_pyld(document) == learned(document)
    assert fast is known or not fast


@settings(max_examples=60, deadline=None)
@given(
    shared=CERTIFICATES,
    others=st.lists(st.tuples(URLS, ANY, st.none() | ANY, st.integers(0, 131_071)), min_size=2, max_size=6),
)
def test_it_equals_pyld_on_a_batch_whose_certificates_share_most_values(
    shared: Certificate, others: list[tuple[str, str, str | None, int]]
) -> None:
    """What documents that follow each other share is filled in once; nothing that is said may hang on that."""
    fresh = Compiled()
    fresh.learn(openbadge.build_credential(shared))
    batch = [
        replace(
            shared,
            url=url,
            holder=replace(shared.holder, name=name),
            number=shared.number and number,
            status=replace(shared.status, index=index),
        )
        for url, name, number, index in others
    ]

    for facts in (*batch, shared, *reversed(batch)):
        document = openbadge.build_credential(facts)
        assert fresh(document) == _by_pyld(document)


def test_mixed_documents_of_one_shape_stay_as_they_are() -> None:
    """No two have more in common than their shape: none is taken for another."""
    fresh = Compiled()
    documents = [
        openbadge.build_credential(samples.certificate(name=f"持证人{one}", hours=Decimal(one % 3 + 1)))
        for one in range(700)
    ]
    fresh.learn(documents[0])

    read = [fresh.read(one) for one in documents]

    assert [fast for _quads, fast in read] == [True] * len(documents)
    assert [quads for quads, _fast in read[::70]] == [canonicalize(one).encode() for one in documents[::70]]


@pytest.mark.parametrize("kind", list(openbadge.ACHIEVEMENT_TYPES))
def test_our_own_certificates_take_the_fast_way(kind: CertificateKind) -> None:
    """Learned from one, used for the next, whoever holds it."""
    fresh = Compiled()
    achievement = Achievement(
        f"{samples.BASE}/achievements/x", kind, Bilingual("证书", "x"), Bilingual("x"), Bilingual("x")
    )
    first, second = (
        openbadge.build_credential(samples.certificate(name=name, achievement=achievement)) for name in ("张三", "㛃")
    )
    assert fresh.read(first) == (canonicalize(first).encode(), False)
    assert fresh.learn(first)
    assert fresh.read(second) == (canonicalize(second).encode(), True)


def test_a_status_list_takes_the_fast_way() -> None:
    fresh = Compiled()
    documents = [
        status_list.list_credential(
            url=samples.LIST_URL, issuer=samples.DID, bits=status_list.set_bits([bit]), valid_from=samples.DURING
        )
        for bit in (1, 2)
    ]
    assert fresh.learn(documents[0])
    assert fresh.read(documents[1]) == (canonicalize(documents[1]).encode(), True)


def test_signing_and_proving_teach_a_shape(signer: FileSigner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was signed or proved once is quick from then on; what failed is not learned."""
    signed = samples.signed(samples.certificate(), signer)
    document = {name: value for name, value in signed.items() if name != "proof"}
    issuer = samples.did_document_of(signer)
    fresh = Compiled()
    monkeypatch.setattr(proof, "compiled", fresh)

    forged = {**signed, "validFrom": "2020-01-01T00:00:00Z"}
    with pytest.raises(proof.ProofError, match="signature-wrong"):
        proof.verify_proof(forged, issuer)
    assert not fresh.read(document)[1]

    proof.verify_proof(signed, issuer)
    assert fresh.read(document)[1]
    proof.verify_proof(signed, issuer)
    with pytest.raises(proof.ProofError, match="signature-wrong"):
        proof.verify_proof(forged, issuer)

    other = Compiled()
    monkeypatch.setattr(proof, "compiled", other)
    assert proof.sign_document(document, signer, created=samples.ISSUED) == signed
    assert other.read(document)[1]


STRANGE_VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [
        "",
        " ",
        "_:b0",
        "@id",
        "relative",
        "type",
        "validUntil",
        "https://www.w3.org/2018/credentials#validUntil",
        "https://purl.imsglobal.org/spec/vc/ob/vocab.html#Profile",
        "https://x.example/a> <b:c> <d:e",
        "https://x.example/ a",
        "https://x.example/\u2003",
        "https://x.example/é",
        "https://x.example/../a/./b",
        "http:",
        "https:",
        "did:",
        "urn:mark:3",
        "mailto:x@x.example",
        "%s %d %%",
        "\x00",
        "a\x00b",
        "\x01",
        "\ud800",
        "\x85",
        5,
        0,
        True,
        False,
        None,
        1.5,
        [],
        {},
        ["x"],
        {"id": "https://x.example/1"},
        {"type": [["x"]]},
        {"type": {}},
    ]
)


def _outcome(canonical: Callable[[JsonObject], str], document: JsonObject) -> object:
    try:
        return canonical(copy.deepcopy(document)).encode()
    except (CanonicalError, UnicodeEncodeError) as error:
        return type(error), getattr(error, "code", "")


def _whole_outcome(document: JsonObject) -> object:
    with uncounted():
        return _outcome(canonicalize, document)


@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_it_refuses_whatever_the_full_way_refuses(learned: Compiled, data: st.DataObject) -> None:
    """Any strange value at any place of a known shape, also amid a batch: the same bytes, or the same refusal."""
    document = copy.deepcopy(openbadge.build_credential(samples.certificate()))
    learned.learn(document)
    for name, index in data.draw(st.sampled_from([(), (("一", 1), ("二", 2), ("三", 3)), (("一", 1), ("二", 1))])):
        amid = samples.certificate(name=name)
        learned.read(openbadge.build_credential(replace(amid, status=replace(amid.status, index=index))))
    *path, last = data.draw(st.sampled_from(list(_places(document))))
    place: Any = document
    for step in path:
        place = place[step]
    place[last] = data.draw(STRANGE_VALUES)

    assert _outcome(learned, document) == _whole_outcome(document)


def test_an_empty_list_in_the_place_of_a_text_is_another_shape(learned: Compiled) -> None:
    """One value fewer must never be filled into the statements of the whole."""
    whole = openbadge.build_credential(samples.certificate())
    learned.learn(whole)
    for *path, last in _places(whole):
        document = copy.deepcopy(whole)
        place: Any = document
        for step in path:
            place = place[step]
        place[last] = []
        assert _outcome(learned, document) == _whole_outcome(document)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(nickname="x"),
        lambda d: d.pop("validUntil"),
        lambda d: d["credentialSubject"]["identifier"].reverse(),
        lambda d: d["credentialSubject"]["identifier"].append({"type": "IdentityObject", "hashed": False}),
        lambda d: d["type"].reverse(),
        lambda d: d["issuer"].update(type="Profile"),
        lambda d: d.update({"@context": list(reversed(d["@context"]))}),
        lambda d: d.update({"@context": d["@context"][:1]}),
        lambda d: d["credentialSubject"].update({"@context": {}}),
        lambda d: d["credentialSubject"]["identifier"][0].update(hashed=0),
        lambda d: d["credentialSubject"]["identifier"][0].update(hashed=True),
        lambda d: d["credentialSchema"].update(id="https://purl.imsglobal.org/other.json"),
        lambda d: d["credentialSchema"].update(id="https://x.example/other.json"),
        lambda d: d.update(validFrom={"@value": d["validFrom"]}),
    ],
)
def test_another_shape_goes_the_full_way(learned: Compiled, change: Callable[[JsonObject], Any]) -> None:
    document = copy.deepcopy(openbadge.build_credential(samples.certificate()))
    learned.learn(document)
    change(document)
    assert _outcome(learned, document) == _outcome(canonicalize, document)


def test_ties_and_repeated_statements_go_the_full_way() -> None:
    """Two names that are alike give two blank nodes that only the full algorithm can tell apart."""
    fresh = Compiled()
    assert fresh.learn(openbadge.build_credential(samples.certificate(name="张三", name_latin="Zhang")))
    tied = openbadge.build_credential(samples.certificate(name="张三", name_latin="张三"))
    tied["credentialSubject"]["identifier"][1]["identityType"] = "name"
    assert fresh.read(tied) == (_by_pyld(tied).encode(), False)

    merged = openbadge.build_credential(samples.certificate())
    assert fresh.read(merged)[1]
    merged["issuer"]["id"] = merged["id"]
    merged["issuer"]["name"] = merged["name"]
    assert fresh.read(merged) == (_by_pyld(merged).encode(), False)


def test_a_shape_in_which_a_value_goes_unsigned_is_not_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that no statement names would verify whatever it says."""
    document = openbadge.build_credential(samples.certificate())
    whole = default_quads

    def forgetful(given: JsonObject) -> list[Any]:
        return [quad for quad in whole(given) if not quad["predicate"]["value"].endswith("licenseNumber")]

    assert Compiled().learn(document)
    monkeypatch.setattr(compiling, "default_quads", forgetful)
    assert not Compiled().learn(document)


def test_what_differs_from_the_full_way_is_not_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first document of a shape is read both ways, and both must agree."""
    document = openbadge.build_credential(samples.certificate())
    monkeypatch.setattr(compiling, "canonicalize", lambda given: canonicalize(given) + "x")
    assert not Compiled().learn(document)


def test_there_is_room_for_so_many_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger with a key of their own cannot push ours out, nor fill the memory."""
    monkeypatch.setattr(compiling, "MOST_SHAPES", 1)
    fresh = Compiled()
    first = openbadge.build_credential(samples.certificate())
    second = openbadge.build_credential(samples.certificate(hours=None))
    assert fresh.learn(first)
    assert not fresh.learn(second)
    assert fresh.read(first)[1]
    assert fresh.read(second) == (canonicalize(second).encode(), False)


def test_nothing_undefined_is_learned() -> None:
    fresh = Compiled()
    document = openbadge.build_credential(samples.certificate())
    for wrong in ({**document, "nickname": "x"}, {**document, "name": 5}, {**document, "type": [["x"]]}):
        assert not fresh.learn(wrong)
        assert _outcome(fresh, wrong) == _outcome(canonicalize, wrong)


def test_a_document_nested_without_end_is_left_to_the_full_way() -> None:
    deep: JsonObject = {}
    for _level in range(5000):
        deep = {"evidence": deep}
    assert not Compiled().learn(deep)
