"""The unified social credit code by GB 32100-2015."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.rules.credit_code import ALPHABET, check_character, clean_credit_code
from app.core.errors import InvalidError

KNOWN = ("91350100M000100Y43", "91110000600037341L", "92371000MA3MXH0E3W")


@pytest.mark.parametrize("code", KNOWN)
def test_published_codes_are_right(code: str) -> None:
    assert clean_credit_code(f" {code[:8]}-{code[8:].lower()} ") == code


@given(st.text("0123456789", min_size=6, max_size=6), st.text(ALPHABET, min_size=9, max_size=9))
def test_one_wrong_character_is_noticed(region: str, body: str) -> None:
    first = f"91{region}{body}"
    code = first + check_character(first)
    assert clean_credit_code(code) == code
    wrong = ALPHABET[(ALPHABET.index(code[10]) + 1) % len(ALPHABET)]
    with pytest.raises(InvalidError) as refused:
        clean_credit_code(code[:10] + wrong + code[11:])
    assert refused.value.field == "credit_code"


@pytest.mark.parametrize("code", ["", "9135", "91350100M000100I43", "9135010OM000100Y43", "91350100M000100Y44"])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(InvalidError):
        clean_credit_code(code)
