"""What a QR code is worth without network; Python and the script of the page must say the same of every code."""

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.credentials.rules import cose, status_list
from app.credentials.rules.instants import read_instant
from app.credentials.rules.qr_check import FRESH, KnownList, QrAnswer, QrTrust, trust_document, verify_qr
from app.credentials.rules.verdict import CheckName, Result
from app.credentials.wording import SENTENCES
from app.credentials.wording_offline import CODES
from tests.unit.credentials.qr import (
    AT,
    DID,
    DISTRUSTED_DID,
    FACTS,
    LIST,
    OTHER_DID,
    OTHER_LIST,
    REVOKED,
    SUSPENDED,
    Keys,
    address,
    corpus,
    trust_of,
)

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "tests" / "node" / "offline.mjs"
Times = dict[str, tuple[datetime, Callable[[QrTrust], QrTrust]]]


def of(answer: QrAnswer, name: CheckName) -> tuple[Result, str]:
    """Return what a check found."""
    found = answer.verdict.check(name)
    return found.result, found.code


@pytest.fixture(name="trust")
def _trust(keys: Keys) -> QrTrust:
    return trust_of(keys)


def test_a_good_code_is_valid_and_shows_its_entries(keys: Keys, trust: QrTrust) -> None:
    answer = verify_qr(address(FACTS, keys.own), trust, AT, fresh=FRESH)

    assert answer.verdict.valid
    assert answer.facts == FACTS
    assert answer.body is not None
    assert answer.body.did == DID
    assert of(answer, CheckName.LOG) == (Result.UNCHECKED, "log-offline")


def test_without_a_status_list_revocation_is_unchecked_and_nothing_is_valid(keys: Keys, trust: QrTrust) -> None:
    answer = verify_qr(address(FACTS, keys.own), replace(trust, lists={}), AT, fresh=FRESH)

    assert of(answer, CheckName.REVOCATION) == (Result.UNCHECKED, "no-status-list")
    assert of(answer, CheckName.SUSPENSION) == (Result.UNCHECKED, "no-suspension-list")
    assert not answer.verdict.valid
    assert not answer.verdict.failed


def test_revoked_and_suspended_fail_by_any_list_however_old(keys: Keys, trust: QrTrust) -> None:
    later = AT + timedelta(days=400)

    revoked = verify_qr(address(replace(FACTS, index=REVOKED), keys.own), trust, later, fresh=FRESH)
    suspended = verify_qr(address(replace(FACTS, index=SUSPENDED), keys.own), trust, later, fresh=FRESH)

    assert of(revoked, CheckName.REVOCATION) == (Result.FAIL, "revoked-by-list")
    assert of(suspended, CheckName.SUSPENSION) == (Result.FAIL, "suspended-by-list")
    assert revoked.verdict.failed
    assert suspended.verdict.failed


@pytest.mark.parametrize(("age", "result"), [(FRESH, Result.PASS), (FRESH + timedelta(seconds=1), Result.UNKNOWN)])
def test_an_old_list_clears_nobody(keys: Keys, trust: QrTrust, age: timedelta, result: Result) -> None:
    answer = verify_qr(address(FACTS, keys.own), trust, AT + age, fresh=FRESH)

    assert of(answer, CheckName.REVOCATION)[0] is result
    assert answer.verdict.valid is (result is Result.PASS)
    assert verify_qr(address(FACTS, keys.own), trust, AT + age).verdict.valid


def test_a_list_of_its_own_age_counts_by_that_age(keys: Keys, trust: QrTrust) -> None:
    old = KnownList(DID, status_list.set_bits([]), as_of=AT - FRESH - timedelta(days=1))

    answer = verify_qr(address(FACTS, keys.own), replace(trust, lists={LIST: old}), AT, fresh=FRESH)

    assert of(answer, CheckName.REVOCATION) == (Result.UNKNOWN, "status-list-old")


def test_a_list_that_nobody_dated_clears_nobody(keys: Keys, trust: QrTrust) -> None:
    undated = replace(trust, as_of=None)

    assert of(verify_qr(address(FACTS, keys.own), undated, AT), CheckName.REVOCATION)[0] is Result.UNKNOWN


def test_a_clock_set_back_does_not_revive_what_ended(keys: Keys, trust: QrTrust) -> None:
    ended = replace(FACTS, valid_until=date(2026, 11, 1))

    answer = verify_qr(address(ended, keys.own), trust, AT - timedelta(days=300), fresh=FRESH)

    assert of(answer, CheckName.VALIDITY) == (Result.FAIL, "expired")


def test_an_unknown_key_is_a_forgery_just_after_asking_and_unknown_later(keys: Keys, trust: QrTrust) -> None:
    code = address(FACTS, keys.stranger)

    now = verify_qr(code, trust, AT + timedelta(hours=1))
    later = verify_qr(code, trust, AT + timedelta(hours=1, seconds=1))
    brought = verify_qr(code, replace(trust, as_of=None), AT)

    assert of(now, CheckName.SIGNATURE) == (Result.FAIL, "key-unknown")
    assert of(later, CheckName.SIGNATURE) == (Result.UNKNOWN, "key-newer")
    assert of(brought, CheckName.SIGNATURE) == (Result.FAIL, "key-unknown")
    assert not later.verdict.valid


def test_a_body_that_only_the_reader_trusts_is_not_vouched_for(keys: Keys, trust: QrTrust) -> None:
    brought = replace(trust, bodies=[replace(one, vouched=False) for one in trust.bodies])

    answer = verify_qr(address(FACTS, keys.own), brought, AT)

    assert of(answer, CheckName.AUTHORITY) == (Result.UNCHECKED, "authority-offline")
    assert answer.verdict.valid


def test_a_body_that_is_not_trusted_is_told_from_one_that_ended(keys: Keys, trust: QrTrust) -> None:
    """What it issued before that day still counts; what is valid from then on fails with the day and the reason."""
    since = datetime(2026, 6, 1, tzinfo=UTC)
    text = address(replace(FACTS, issuer=cose.short_id(DISTRUSTED_DID).hex(), list_code=OTHER_LIST), keys.other)
    found = verify_qr(text, trust, AT).verdict.check(CheckName.AUTHORITY)

    assert (found.result, found.code) == (Result.FAIL, "issuer-distrusted")
    assert found.params == {"on": "2026-05-31T16:00:00Z", "reason": "发证材料造假 $& %(on)s"}
    before = replace(FACTS, valid_from=since.date() - timedelta(days=1))
    text = address(replace(before, issuer=cose.short_id(DISTRUSTED_DID).hex(), list_code=OTHER_LIST), keys.other)
    assert of(verify_qr(text, trust, AT), CheckName.AUTHORITY) == (Result.PASS, "issuer-ours")


def test_what_anybody_could_write_is_never_valid(keys: Keys, trust: QrTrust) -> None:
    """Of all codes of the corpus only those of the body itself, unchanged, in force and listed as clear, are valid."""
    wanted = ("good", "neighbour of", "first index", "last day", "first day", "other body before", "another host")

    valid = [name for name, text in corpus(keys) if verify_qr(text, trust, AT, fresh=FRESH).verdict.valid]

    assert all(name.startswith(wanted) for name in valid), valid
    assert {one for one in wanted if any(name.startswith(one) for name in valid)} == set(wanted)


def test_every_finding_has_a_sentence(keys: Keys, trust: QrTrust) -> None:
    found = {
        check.code
        for at in (AT, AT + timedelta(days=40))
        for given in (trust, replace(trust, lists={}))
        for _name, text in corpus(keys)
        for check in verify_qr(text, given, at, fresh=FRESH).verdict.checks
    }

    assert found - set(SENTENCES) == set()
    assert found <= set(CODES)
    assert len(found) > 30


def _times(trust: QrTrust) -> Iterator[tuple[str, QrTrust, datetime]]:
    yield "just asked", trust, AT
    one_each = [replace(one, scopes=(one.scopes or ())[:1] or None) for one in trust.bodies]
    yield "one delegation each", replace(trust, bodies=one_each), AT
    yield "hours later", trust, AT + timedelta(hours=7)
    yield "months later", trust, AT + timedelta(days=40)
    yield "clock set back", trust, AT - timedelta(days=300)
    yield "without lists", replace(trust, lists={}), AT
    yield "nobody vouches", replace(trust, as_of=None, bodies=[replace(one, vouched=False) for one in trust.bodies]), AT
    dated = {code: replace(one, as_of=AT - timedelta(days=31)) for code, one in trust.lists.items()}
    yield "old lists of their own", replace(trust, lists=dated), AT
    yield "nothing known", QrTrust(), AT


@pytest.mark.skipif(
    not (ROOT / "node_modules/@noble/curves").exists(), reason="the packages of the front end are missing"
)
def test_the_script_of_the_page_says_the_same_of_every_code(keys: Keys, trust: QrTrust) -> None:
    """Good and forged codes, at several times and with more or less trust: the same checks, results and reasons."""
    codes = dict(corpus(keys))
    for name, given, at in _times(trust):
        ours = {code: _as_script(verify_qr(text, given, at, fresh=FRESH)) for code, text in codes.items()}
        theirs = _script(given, at, codes)

        assert theirs["native"] is True
        for way in ("webcrypto", "plain"):
            for code, expected in ours.items():
                assert {**theirs[way][code], "facts": None} == {**expected, "facts": None}, (name, way, code)
    assert len(codes) > 100


def _script(trust: QrTrust, at: datetime, codes: dict[str, str]) -> Any:  # noqa: ANN401 - any JSON
    given = {
        "trust": trust_document(trust),
        "at": int(at.timestamp() * 1000),
        "fresh": int(FRESH.total_seconds() * 1000),
        "codes": codes,
    }
    done = subprocess.run(
        ["node", SCRIPT], cwd=ROOT, input=json.dumps(given), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def _as_script(answer: QrAnswer) -> dict[str, Any]:
    checks = [
        [one.name.value, one.result.value, one.code, _milliseconds(one.params), one.params.get("reason")]
        for one in answer.verdict.checks
    ]
    return {
        "checks": checks,
        "holder": answer.facts.holder if answer.facts else None,
        "body": answer.body.did if answer.body else None,
        "valid": answer.verdict.valid,
        "failed": answer.verdict.failed,
    }


def _milliseconds(params: Any) -> int | None:  # noqa: ANN401 - a mapping of texts
    return int(read_instant(params["on"]).timestamp() * 1000) if "on" in params else None


def test_the_script_reads_every_entry_as_python_does(keys: Keys, trust: QrTrust) -> None:
    read = _script(trust, AT, {"good": address(FACTS, keys.own)})["webcrypto"]["good"]["facts"]

    assert read == {
        "code": FACTS.code,
        "issuer": cose.short_id(DID).hex(),
        "holder": FACTS.holder,
        "kind": "capability",
        "level": "junior",
        "number": FACTS.number,
        "validFrom": 20_605,
        "validUntil": 21_700,
        "list": LIST,
        "index": FACTS.index,
        "hours": 8000,
        "levelName": None,
    }
    named = replace(FACTS, level="chief", level_name="首席")
    found = _script(trust, AT, {"named": address(named, keys.own)})["webcrypto"]["named"]["facts"]
    assert (found["level"], found["levelName"]) == ("chief", "首席")
    assert OTHER_DID in {one["did"] for one in trust_document(trust)["bodies"]}


def test_a_delegate_certifies_within_its_scope_only(keys: Keys, trust: QrTrust) -> None:
    """Kind, level and first valid day decide; what was issued while the authority held stays valid."""
    found = {
        name: of(verify_qr(text, trust, AT), CheckName.AUTHORITY)
        for name, text in corpus(keys)
        if name.startswith(("delegate", "body without"))
    }

    assert found == {
        "delegate within its scope": (Result.PASS, "scope-covered"),
        "delegate, second scope": (Result.PASS, "scope-covered"),
        "delegate, kind without levels": (Result.PASS, "scope-covered"),
        "delegate, another kind": (Result.FAIL, "scope-kind"),
        "delegate, another level": (Result.FAIL, "scope-kind"),
        "delegate, level by a name of its own": (Result.PASS, "scope-covered"),
        "delegate, another level by a name of its own": (Result.FAIL, "scope-kind"),
        "delegate, level of a rule pack": (Result.FAIL, "scope-kind"),
        "delegate before its scope": (Result.FAIL, "scope-not-begun"),
        "delegate after its scope": (Result.FAIL, "scope-kind"),
        "body without a delegation": (Result.FAIL, "scope-none"),
    }
    first_only = replace(trust, bodies=[replace(one, scopes=(one.scopes or ())[:1] or None) for one in trust.bodies])
    by_first = {
        name: of(verify_qr(text, first_only, AT), CheckName.AUTHORITY)
        for name, text in corpus(keys)
        if name in {"delegate, another level", "delegate, level of a rule pack", "delegate after its scope"}
    }
    assert by_first == {
        "delegate, another level": (Result.FAIL, "scope-level"),
        "delegate, level of a rule pack": (Result.FAIL, "scope-level"),
        "delegate after its scope": (Result.FAIL, "scope-ended"),
    }
