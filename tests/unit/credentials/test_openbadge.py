"""The credential is Open Badges 3.0 by the official schema, and reads back to the same facts."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.credentials.rules import contexts, lint, openbadge
from app.credentials.rules.document import JsonObject
from app.credentials.rules.openbadge import Bilingual, ShapeError, read_certificate
from app.credentials.states import CertificateKind
from tests.unit.credentials import samples

NAMES = st.text(
    st.one_of(
        st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
        st.sampled_from("䶮㛃𬍛·喆昇堃祎玥璟旻曌"),
        st.characters(categories=["Lu", "Ll"]),
    ),
    min_size=1,
    max_size=20,
)


SCHEMA = lint.load_schema(lint.schema_path())


@settings(max_examples=40, deadline=None)
@given(
    name=NAMES,
    latin=st.none() | NAMES,
    number=st.none() | st.from_regex(r"[A-Z]{2}-[0-9]{4}-[0-9]{6}", fullmatch=True),
    hours=st.none() | st.decimals(1, 999, places=1),
    kind=st.sampled_from(CertificateKind),
    level_name=st.none() | st.builds(Bilingual, NAMES, st.none() | NAMES),
    ends=st.booleans(),
)
def test_facts_survive(
    *,
    name: str,
    latin: str | None,
    number: str | None,
    hours: Decimal | None,
    kind: CertificateKind,
    level_name: Bilingual | None,
    ends: bool,
) -> None:
    """Whatever is certified can be read from the credential alone, and the schema accepts it."""
    facts = samples.certificate(
        name=name,
        name_latin=latin,
        number=number,
        hours=hours,
        achievement=replace(samples.ACHIEVEMENT, kind=kind, level_name=level_name),
        valid_until=samples.ENDS if ends else None,
    )
    document = openbadge.build_credential(facts)
    assert read_certificate(document) == facts
    assert not list(SCHEMA.iter_errors(document))


def test_a_name_of_a_level_needs_a_level() -> None:
    named = replace(samples.ACHIEVEMENT, level_name=Bilingual("初级技术经理人"))
    document = openbadge.build_credential(samples.certificate(achievement=named))
    del document["credentialSubject"]["achievement"]["humanCode"]
    with pytest.raises(ShapeError):
        read_certificate(document)


def test_what_the_credential_says() -> None:
    """The name is shown; nothing else identifies the person; it says what it is not."""
    document = openbadge.build_credential(samples.certificate())
    names = document["credentialSubject"]["identifier"]
    assert [(one["identityType"], one["identityHash"], one["hashed"]) for one in names] == [
        ("name", "张䶮", False),
        ("ext:latinName", "Zhang Yan", False),
    ]
    assert "不是职业资格证书，也不是职称证书" in document["description"]
    assert "neither a vocational qualification nor a title" in document["description"]
    assert document["@context"] == [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
    ]
    assert isinstance(document["credentialStatus"], dict)
    assert document["credentialSubject"]["result"][0]["value"] == "80"


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.pop("credentialStatus"),
        lambda d: d.update(validFrom=["2026-06-01T00:00:00Z"]),
        lambda d: d.update(validUntil=None),
        lambda d: d.update(extra="text"),
        lambda d: d.update(type=["OpenBadgeCredential", "VerifiableCredential"]),
        lambda d: d.update(description="这是职业资格证书。"),
        lambda d: d.update(id=""),
        lambda d: d["credentialStatus"].update(statusListIndex="0094567"),
        lambda d: d["credentialStatus"].update(statusListIndex="-1"),
        lambda d: d["credentialStatus"].update(statusListIndex="９４５６７"),
        lambda d: d.update(credentialStatus=[d["credentialStatus"]]),
        lambda d: d["credentialSubject"].update(achievement="text"),
        lambda d: d["credentialSubject"]["achievement"].update(achievementType="Diploma"),
        lambda d: d["credentialSubject"]["identifier"].reverse(),
        lambda d: d["credentialSubject"]["identifier"][0].update(hashed=True),
        lambda d: d["credentialSubject"]["identifier"][0].update(hashed=0),
        lambda d: d["credentialSubject"]["result"][0].update(value="80.0"),
        lambda d: d["credentialSubject"]["result"][0].update(value="NaN"),
        lambda d: d["credentialSubject"]["result"][0].update(value="-1"),
        lambda d: d["credentialSubject"]["result"][0].update(value="many"),
        lambda d: d["credentialSubject"].update(result=[]),
    ],
)
def test_any_other_shape_is_refused(change: object) -> None:
    """A document is read only when its facts build the very same document."""
    document: JsonObject = openbadge.build_credential(samples.certificate())
    change(document)  # type: ignore[operator]
    with pytest.raises(ShapeError):
        read_certificate(document)


def test_one_language_is_enough() -> None:
    """A text without English is written alone and read back without it."""
    name = Bilingual("初级技术经纪人能力等级证书")
    facts = samples.certificate(achievement=replace(samples.ACHIEVEMENT, name=name, level=None))
    assert read_certificate(openbadge.build_credential(facts)) == facts
    assert name.joined() == "初级技术经纪人能力等级证书"


def test_contexts_are_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A context under another text, or one we do not sign under, stops everything."""
    with pytest.raises(contexts.ContextError, match="unknown context"):
        contexts.context("https://example.org/context.json")
    monkeypatch.setitem(contexts.PINNED, contexts.VC_V2, ("credentials-v2.json", "0" * 64))
    contexts.context.cache_clear()
    with pytest.raises(contexts.ContextError, match="not the text"):
        contexts.context(contexts.VC_V2)
    contexts.context.cache_clear()
    monkeypatch.setattr(contexts, "find_spec", lambda _name: None)
    with pytest.raises(contexts.ContextError, match="not installed"):
        contexts.folder()
