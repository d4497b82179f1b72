"""What stands against a row of a change of many: told by one rule, when it is checked and when it is carried out."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.accounts.states import Role
from app.credentials.access import ADMINISTRATORS, GRANTS, Permission
from app.credentials.rules.bulk import REASONS, Found, problem_of
from app.credentials.rules.canonical import CanonicalError, canonicalize
from app.credentials.rules.status_list import LENGTH, list_credential, set_bits, with_bits
from app.credentials.states import CERTIFICATE, CHANGE, Act, CertificateState

AT = datetime(2026, 11, 23, tzinfo=UTC)
GOOD = Found(state=CertificateState.PUBLISHED, valid_until=datetime(2029, 6, 1, tzinfo=UTC))
REASON = {Act.REVOKE: "false_papers", Act.SUSPEND: "investigation", Act.REISSUE: "data_corrected"}
SUSPENDED = replace(GOOD, state=CertificateState.SUSPENDED)
EXPIRED = replace(GOOD, valid_until=AT)


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (None, "unknown"),
        (replace(GOOD, state=CertificateState.STORED), "not-published"),
        (replace(GOOD, state=CertificateState.SIGNED), "not-published"),
        (replace(GOOD, state=CertificateState.REVOKED), "revoked"),
        (GOOD, None),
        (replace(GOOD, valid_until=None), None),
    ],
)
def test_what_stands_against_every_act(act: Act, found: Found | None, problem: str | None) -> None:
    assert problem_of(act, found, REASON[act], AT) == problem


def test_a_revocation_takes_what_is_suspended_or_expired() -> None:
    for found in (SUSPENDED, EXPIRED, replace(GOOD, asked=True)):
        assert problem_of(Act.REVOKE, found, "false_papers", AT) is None


def test_the_other_acts_take_only_what_counts() -> None:
    for act in (Act.SUSPEND, Act.REISSUE):
        assert problem_of(act, SUSPENDED, REASON[act], AT) == "suspended"
        assert problem_of(act, EXPIRED, REASON[act], AT) == "expired"
    assert problem_of(Act.REISSUE, replace(GOOD, asked=True), "data_corrected", AT) == "asked"
    assert problem_of(Act.SUSPEND, replace(GOOD, asked=True), "investigation", AT) is None


def test_a_new_name_needs_one() -> None:
    assert problem_of(Act.REISSUE, GOOD, "name_changed", AT) == "same-name"
    assert problem_of(Act.REISSUE, replace(GOOD, renamed=True), "name_changed", AT) is None


@pytest.mark.parametrize(
    ("act", "reason"), [(Act.REVOKE, "investigation"), (Act.REISSUE, "set_aside"), (Act.SUSPEND, None)]
)
def test_a_reason_of_another_act_is_none(act: Act, reason: str | None) -> None:
    assert problem_of(act, GOOD, reason, AT) == "reason"
    assert "set_aside" not in REASONS[Act.REISSUE]


def test_bits_are_set_and_cleared_alone() -> None:
    bits = with_bits(set_bits([1, 9]), [3, 9])
    assert bits == set_bits([1, 3, 9])
    assert with_bits(bits, [9], value=False) == set_bits([1, 3])
    assert with_bits(bits, []) == bits


@pytest.mark.parametrize("ttl", [-1, 2**31, True, 1.5, "60000", [1, 2], None])
def test_the_one_number_of_a_list_is_small_and_whole(ttl: object) -> None:
    """What another program could write otherwise is refused before anything is hashed."""
    document = list_credential(url="http://localhost/status/x", issuer="did:web:x", bits=set_bits([]), valid_from=AT)
    assert '"60000"^^<http://www.w3.org/2001/XMLSchema#integer>' in canonicalize(document)
    document["credentialSubject"]["ttl"] = ttl
    with pytest.raises(CanonicalError):
        canonicalize(document)
    assert len(set_bits([])) * 8 == LENGTH


def test_only_issuers_change_certificates() -> None:
    acts = {Permission.SUSPEND, Permission.REISSUE, Permission.BULK, Permission.REVOKE}
    assert acts <= GRANTS[Role.ISSUER]
    assert not any(acts & granted for role, granted in GRANTS.items() if role != Role.ISSUER)


def test_who_administers_an_organisation_holds_for_it_and_issues_nothing() -> None:
    holding = {role for role, granted in GRANTS.items() if Permission.HOLD_FOR_ORGANISATION in granted}
    assert holding == ADMINISTRATORS == {Role.BASE}
    assert GRANTS[Role.BASE] == {Permission.HOLD_FOR_ORGANISATION}


def test_the_moves_of_a_certificate_and_of_a_change() -> None:
    def table(moves: object) -> dict[str, tuple[set[str], str]]:
        return {one.name: (set(one.sources), one.target) for one in moves.values()}  # type: ignore[attr-defined]

    assert table(CERTIFICATE.moves) == {
        "sign": ({"stored"}, "signed"),
        "publish": ({"signed"}, "published"),
        "publish_revoked": ({"signed"}, "revoked"),
        "suspend": ({"published"}, "suspended"),
        "reinstate": ({"suspended"}, "published"),
        "revoke": ({"published", "suspended"}, "revoked"),
    }
    assert table(CHANGE.moves) == {
        "check": ({"checking"}, "checked"),
        "propose": ({"checked"}, "proposed"),
        "approve": ({"proposed"}, "approved"),
        "reject": ({"proposed"}, "rejected"),
        "discard": ({"checking", "checked", "proposed"}, "discarded"),
        "finish": ({"approved"}, "done"),
    }
