"""Check digits of the numbers that papers carry; pure functions."""

import re

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015: digits and capitals without I, O, S, V and Z."""
CREDIT_LENGTH = 18
CREDIT_MODULUS = 31
PATENT = re.compile(r"(\d{8}|\d{12})\.?([\dX])")
PATENT_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9)
PATENT_MODULUS = 11
INVOICE_NUMBER, INVOICE_CODES, DIGITAL_INVOICE = 8, (10, 12), 20
"""Digits of an invoice: its number on paper, the codes that stand before that, the number of a fully digital one."""
PATENT_TEN = 10


def tidy(number: str) -> str:
    """Return a number as it is kept and compared: capitals, no spaces or dashes."""
    return re.sub(r"[\s\-—–()（）\[\]【】]", "", number).upper()


def tidy_name(name: str) -> str:
    """Return the name of a party as it is compared: without spaces and with one kind of brackets."""
    brackets = str.maketrans("（）【】", "()[]")
    return re.sub(r"\s", "", name.translate(brackets)).casefold()


def same_invoice(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Tell whether two invoices, each by code and number, are one.

    One on paper is known by code and number together, a fully digital one by its twenty digits and no code. Where
    either gives no code the number alone decides, and a code may have been written before the number.
    """
    (code, number), (other_code, other_number) = one, other
    if number == other_number and not (code and other_code):
        return True
    return code + number == other_code + other_number


def invoice_spellings(code: str, number: str) -> set[str]:
    """Return the numbers under which an invoice may have been entered: alone, and with its code before it."""
    return {number, code + number, number[-INVOICE_NUMBER:]}


def credit_code_holds(code: str) -> bool:
    """Tell whether a unified social credit code is well-formed and its last character fits (GB 32100-2015)."""
    written = tidy(code)
    if len(written) != CREDIT_LENGTH or any(letter not in CREDIT_ALPHABET for letter in written):
        return False
    return credit_check_character(written[:-1]) == written[-1]


def credit_check_character(first_seventeen: str) -> str:
    """Return the eighteenth character of a unified social credit code (GB 32100-2015, MOD 31)."""
    total = sum(
        CREDIT_ALPHABET.index(letter) * pow(3, place, CREDIT_MODULUS) for place, letter in enumerate(first_seventeen)
    )
    return CREDIT_ALPHABET[(CREDIT_MODULUS - total % CREDIT_MODULUS) % CREDIT_MODULUS]


def patent_number_holds(number: str) -> bool:
    """Tell whether a Chinese patent number is well-formed and its check digit fits (ZC 0006-2003).

    With or without the leading ZL: eight digits until 2003, twelve since, a point and the check digit.
    """
    found = PATENT.fullmatch(tidy(number).removeprefix("ZL"))
    return found is not None and patent_check_digit(found[1]) == found[2]


def patent_check_digit(digits: str) -> str:
    """Return the check digit of an application number: weights 2 to 9 in turn, modulo 11, ten as X."""
    total = sum(int(digit) * PATENT_WEIGHTS[place % len(PATENT_WEIGHTS)] for place, digit in enumerate(digits))
    rest = total % PATENT_MODULUS
    return "X" if rest == PATENT_TEN else str(rest)
