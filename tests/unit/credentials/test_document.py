"""Untrusted JSON is read with bounded work, and what verifiers read differently is refused."""

import json

import pytest

from app.credentials.rules.document import DocumentError, Limits, read_document


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "not-json"),
        (b"{", "not-json"),
        (b"\xff\xfe", "not-json"),
        (b"[]", "not-an-object"),
        (b'"text"', "not-an-object"),
        (b'{"a": 1, "a": 2}', "duplicate-key"),
        (b'{"a": {"b": 1, "b": 1}}', "duplicate-key"),
        (b'{"a": 1.5}', "number"),
        (b'{"a": 1e2}', "number"),
        (b'{"a": NaN}', "number"),
        (b'{"a": ' + b"9" * 5000 + b"}", "number"),
        (b'{"a": "\\u0000"}', "control-character"),
        (b'{"a": "x\\ty"}', "control-character"),
        (b'{"a": "\\ud800"}', "control-character"),
        (b'{"\\u0007": "x"}', "control-character"),
        (b'{"a": "' + b"x" * 9000 + b'"}', "string-too-long"),
        (b'{"a": "' + b"x" * 70_000 + b'"}', "too-large"),
        (b'{"a":' * 13 + b"1" + b"}" * 13, "too-deep"),
        (b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}", "too-deep"),
        (json.dumps({"a": [{}] * 64}).encode(), "too-many-objects"),
    ],
)
def test_refuses(raw: bytes, code: str) -> None:
    """Each limit has its own code, so that the person is told what was wrong."""
    with pytest.raises(DocumentError) as refused:
        read_document(raw)
    assert refused.value.code == code


def test_reads_what_is_within_limits() -> None:
    """Chinese text, rare characters, a line feed and a byte order mark are all fine."""
    raw = '\ufeff{"name": "张䶮㛃𬍛", "text": "one\\ntwo", "list": [{}, "x"], "flag": false}'
    assert read_document(raw.encode())["name"] == "张䶮㛃𬍛"


def test_limits_are_inclusive() -> None:
    """A document of exactly the limit passes, one over it does not."""
    limits = Limits(size=100, depth=3, objects=3, string=4)
    assert read_document(b'{"a": {"b": {}}, "c": "1234"}', limits)
    for raw in (b'{"a": {"b": {"c": 1}}}', b'{"c": "12345"}', b'{"a": [{}, {}, {}]}'):
        with pytest.raises(DocumentError):
            read_document(raw, limits)
    with pytest.raises(DocumentError):
        read_document(b" " * 101, limits)
