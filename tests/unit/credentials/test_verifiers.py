"""The table of verifiers and attacks in docs/verification.md is what the programs answer, row by row."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from asn1crypto import x509

from app.credentials import reading
from app.credentials.rules import cose
from app.credentials.rules.document import JsonObject
from app.credentials.rules.printed import Signature, seal_check
from app.credentials.rules.verdict import CheckName, Verdict, verify_document
from tests.timestamping import local_authority
from tests.unit.credentials import pdfs, verifiers
from tests.unit.credentials.attacks import BASE, DOCUMENTS, TOKENS, Scene, proof_of_qr, raw_of
from tests.unit.credentials.levels import at_every_level
from tests.unit.credentials.samples import DURING
from tests.unit.credentials.verifiers import ACCEPTED, REFUSED, REVOKED, World

DOC = verifiers.ROOT / "docs" / "verification.md"
GOOD = "the good one"
needs_node = pytest.mark.skipif(
    not verifiers.has_node("@digitalbazaar/vc", "@digitalcredentials/verifier-core", "jose"),
    reason="needs node and the packages of package.json",
)
needs_paper_tools = pytest.mark.skipif(
    not all(shutil.which(tool) for tool in ("pdfsig", "qpdf", "zbarimg")), reason="needs poppler, qpdf and zbar"
)


@cache
def table(title: str) -> dict[str, list[str]]:
    """Return the rows of the table under a heading of the page, by their first cell."""
    part = DOC.read_text("utf-8").partition(f"## {title}\n")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line.startswith("|")]
    return {row[0]: row[1:] for row in rows[2:]}


@pytest.fixture(scope="module")
def world(scene: Scene) -> World:
    return World(scene)


@pytest.fixture(scope="module")
def documents(scene: Scene) -> dict[str, JsonObject]:
    made = {name: attack.make(scene) for name, attack in DOCUMENTS.items()}
    return {GOOD: scene.good, **{name: one for name, one in made.items() if isinstance(one, dict)}}


@pytest.fixture(scope="module")
def by_node(
    world: World, documents: dict[str, JsonObject], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, str]]:
    return verifiers.by_node(world, documents, tmp_path_factory.mktemp("node"))


def ours(found: Verdict) -> str:
    if found.valid:
        return ACCEPTED
    revoked = found.check(CheckName.REVOCATION).result.value == "fail"
    return REVOKED if revoked else REFUSED


@needs_node
@pytest.mark.parametrize("name", [GOOD, *DOCUMENTS])
def test_a_document_is_judged_as_the_table_says(
    world: World, documents: dict[str, JsonObject], by_node: dict[str, dict[str, str]], name: str
) -> None:
    document = documents[name]
    check = DOCUMENTS[name].check.value if name in DOCUMENTS else ""
    found = [
        check,
        ours(verify_document(raw_of(document), world.scene.trust(), DURING)),
        by_node[name]["vc"],
        by_node[name]["core"],
        verifiers.by_openvc(world, document),
        verifiers.by_openbadgeslib(world, document),
    ]

    assert table("Credentials")[name] == found


def test_every_gap_of_the_others_is_caught_by_ours() -> None:
    """Whatever the table says of them, no attack is accepted here, and each of them accepts the good one."""
    rows = {**table("Credentials"), **table("JWT")}
    assert set(table("Credentials")) == {GOOD, *DOCUMENTS}
    assert set(table("JWT")) == {GOOD, *TOKENS}
    for name, row in rows.items():
        assert (row[1] == ACCEPTED) is (name == GOOD), name
    assert set(rows[GOOD][1:]) == {ACCEPTED}
    assert set(rows["changed name"][1:]) == {REFUSED}
    assert set(rows["revoked"][1:]) == {REVOKED}
    assert ACCEPTED in rows["expired, its end respelled as full IRI"]


@needs_node
def test_jwts_are_judged_as_the_table_says(world: World, tmp_path: Path) -> None:
    scene = world.scene
    made = {GOOD: scene.token, **{name: raw_of(one.make(scene)).decode() for name, one in TOKENS.items()}}
    jose = verifiers.by_jose(world, made, tmp_path)

    found = {
        name: [
            TOKENS[name].check.value if name in TOKENS else "",
            ours(verify_document(text.encode(), scene.trust(), DURING)),
            jose[name],
            verifiers.token_by_openbadgeslib(world, text),
        ]
        for name, text in made.items()
    }

    assert found == table("JWT")


SHEETS: dict[str, Callable[[bytes], bytes]] = {
    "as sealed": lambda raw: raw,
    "updated after sealing": pdfs.updated,
    "a byte changed": lambda raw: raw.replace(b"/MediaBox[0 0 300 300]", b"/MediaBox[0 0 900 300]").replace(
        b"/MediaBox [ 0 0 300 300 ]", b"/MediaBox [ 0 0 900 300 ]"
    ),
    "seal taken off": pdfs.unsealed,
}


@needs_paper_tools
def test_sealed_sheets_are_judged_as_the_table_says(tmp_path: Path) -> None:
    """Our check and poppler's agree on the signature; qpdf finds every structure sound, so only they can tell."""
    good = pdfs.sealed(pdfs.honest())

    found = {name: _of_sheet(change(good), tmp_path) for name, change in SHEETS.items()}

    assert found == table("Sheets")


@needs_paper_tools
def test_sheets_at_every_level_are_judged_as_the_table_says(tmp_path: Path) -> None:
    """Proofs lie behind the signed bytes, at once or years later: poppler calls the rest whole, and so do we."""
    with local_authority() as authority:
        made = at_every_level(tmp_path, authority.url)

    key = x509.Certificate.load(made.seal.certificate).public_key.dump()
    files = {name: change(pdf) for name, pdf in made.files.items() for name, change in _levels(name)}
    found = {name: _of_sheet(pdf, tmp_path, key) for name, pdf in files.items()}

    assert found == table("Levels of seals")


def _levels(name: str) -> list[tuple[str, Callable[[bytes], bytes]]]:
    return [(name, lambda raw: raw), (f"{name}, a byte changed", _changed), (f"{name}, updated", pdfs.updated)]


def _changed(raw: bytes) -> bytes:
    changed = bytearray(raw)
    changed[raw.index(b"/MediaBox") + 12] ^= 1
    return bytes(changed)


def _of_sheet(raw: bytes, folder: Path, key: bytes | None = None) -> list[str]:
    sheet = reading.sheet_of(raw)
    issued = replace(sheet, signatures=(Signature(intact=True, coverage="", changed="", allowed=True, key=b""),))
    check = seal_check(sheet, issued=issued, is_issuers=lambda found: found == (key or pdfs.key_of()))
    return [
        check.result.value,
        verifiers.by_pdfsig(raw, folder),
        "sound" if verifiers.by_qpdf(raw, folder) else "broken",
    ]


@needs_paper_tools
def test_another_reader_reads_the_code_back(scene: Scene, tmp_path: Path) -> None:
    """What zbar reads from our QR code, of a proof and of an address, is what was drawn, to the letter."""
    for number, text in enumerate((cose.qr_address(BASE, proof_of_qr(scene)), f"{BASE}/credentials/x")):
        path = tmp_path / f"{number}.png"
        cose.draw(text).save(str(path), scale=4, border=4)
        assert verifiers.by_zbar(path) == text
