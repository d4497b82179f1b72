"""Nothing is signed that was not linted: each finding names one reason not to sign."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from app.credentials.rules import lint, openbadge
from app.credentials.rules.lint import LintTools, Passed, SchemaMissingError
from app.credentials.rules.openbadge import Bilingual, Certificate
from tests.unit.credentials import samples
from tests.unit.credentials.samples import ACHIEVEMENT, certificate

LATIN = {ord(one) for one in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz ·-"}


@pytest.fixture(scope="module")
def tools() -> LintTools:
    """Give the official schema and fonts that draw everything."""
    return LintTools(lint.load_schema(lint.schema_path()), None, lambda _certificate: False)


def _codes(facts: Certificate, tools: LintTools) -> set[str]:
    return {finding.code for finding in lint.lint(facts, tools)}


def test_a_good_certificate_has_no_finding(tools: LintTools) -> None:
    """Rare characters, no English name, no end: all fine."""
    for facts in (
        certificate(),
        certificate(name="䶮㛃𬍛", name_latin=None),
        certificate(name="阿卜杜拉·买买提"),
        certificate(valid_until=None, hours=None, number=None),
    ):
        assert not lint.lint(facts, tools)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (certificate(name=" 张三"), "name-form"),
        (certificate(name="张 / 三"), "name-form"),
        (certificate(name="张" * 61), "name-form"),
        (certificate(name="张\u202e三"), "name-characters"),
        (certificate(name="张\u200b三"), "name-characters"),
        (certificate(name_latin="Cafe\u0301"), "name-characters"),
        (certificate(name="张\n三"), "name-characters"),
        (certificate(name=""), "name-missing"),
        (certificate(name=""), "document"),
        (certificate(name="张\x07三"), "document"),
        (certificate(valid_until=samples.ISSUED), "validity-order"),
        (certificate(hours=Decimal(0)), "hours-not-positive"),
        (certificate(statement="本证书是职业资格证书。"), "statement"),
        (certificate(achievement=replace(ACHIEVEMENT, level=None)), "level-missing"),
        (
            certificate(number=None, achievement=replace(ACHIEVEMENT, level="senior")),
            "number-missing",
        ),
        (
            certificate(achievement=replace(ACHIEVEMENT, criteria=Bilingual(" ", "Complete."))),
            "field-missing",
        ),
        (
            certificate(achievement=replace(ACHIEVEMENT, name=Bilingual("技术经纪职业资格证书"))),
            "claim",
        ),
        (
            certificate(achievement=replace(ACHIEVEMENT, name=Bilingual("证书", "Professional Title"))),
            "claim",
        ),
        (certificate(achievement=replace(ACHIEVEMENT, url="no address")), "document"),
    ],
)
def test_findings(tools: LintTools, facts: Certificate, code: str) -> None:
    """Each rule by a certificate that breaks it."""
    assert code in _codes(facts, tools)


def test_names_must_be_drawable(tools: LintTools) -> None:
    """A name with a character that no font draws would be printed as a box."""
    narrow = replace(tools, covered=LATIN)
    findings = [one for one in lint.lint(certificate(name="张䶮张"), narrow) if one.code == "name-glyphs"]
    assert [one.params["characters"] for one in findings] == ["张䶮"]
    assert not lint.undrawable("Zhang", LATIN)
    assert not lint.undrawable("䶮", None)


def test_every_other_text_must_be_drawable(tools: LintTools) -> None:
    """The names of the issuer and of what was achieved stand on the sheet as the holder's does."""
    drawable = replace(tools, covered=frozenset(range(0x20, 0x10000)))
    assert "text-glyphs" not in _codes(certificate(), drawable)
    rare = replace(ACHIEVEMENT, name=Bilingual("𬍛证书", "Certificate"))
    found = [one for one in lint.lint(certificate(achievement=rare), drawable) if one.code == "text-glyphs"]
    assert [dict(one.params) for one in found] == [{"text": "𬍛证书", "characters": "𬍛"}]


def test_duplicates_are_refused(tools: LintTools) -> None:
    """The same fact is certified once; a second certificate is a reissue, never a batch's row."""
    assert _codes(certificate(), replace(tools, is_duplicate=lambda _certificate: True)) == {"duplicate"}


def test_the_schema_must_be_there(tmp_path: Path) -> None:
    """Without the official schema nothing can be linted, so nothing is signed."""
    with pytest.raises(SchemaMissingError, match="run the set-up"):
        lint.load_schema(tmp_path / "missing.json")


def test_schema_findings_say_where(tools: LintTools, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document against the official schema is a finding with its place."""
    built = openbadge.build_credential

    def broken(facts: Certificate) -> dict[str, object]:
        document = built(facts)
        del document["credentialSubject"]["achievement"]
        return document

    monkeypatch.setattr(openbadge, "build_credential", broken)
    findings = [one for one in lint.lint(certificate(), replace(tools, passed=Passed())) if one.code == "schema"]
    assert findings[0].params["where"] == "credentialSubject"
