"""Telephone numbers and mail addresses: how they are kept, checked and masked."""

import re

from email_validator import EmailNotValidError, validate_email

from app.core.errors import InvalidError
from app.core.text import _l

MAINLAND = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")
ABROAD = re.compile(r"(?:\+|00)([1-9][0-9]{6,14})")
SHOWN_DIGITS = 4


def clean_phone(phone: str) -> str:
    """Return a telephone number as `+8613800138000`; a bare mainland number gets its country.

    Raises InvalidError for the field `phone`.
    """
    written = re.sub(r"[\s\-()（）]", "", phone)
    if mainland := MAINLAND.fullmatch(written):
        return f"+86{mainland[1]}"
    if abroad := ABROAD.fullmatch(written):
        return f"+{abroad[1]}"
    raise InvalidError(
        _l("Enter a mainland mobile number of 11 digits, or one with + and its country code."),
        field="phone",
    )


def clean_email(email: str) -> str:
    """Return a mail address in lower case; raises InvalidError for the field `email`."""
    try:
        checked = validate_email(email.strip(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise InvalidError(
            _l("This is not a mail address. It needs the form name@organisation.cn."), field="email"
        ) from error
    return checked.normalized.lower()


def mask_phone(phone: str) -> str:
    """Return a telephone number for screens: country and beginning, stars, the last four digits."""
    head = phone[:6]
    return head + "*" * max(len(phone) - len(head) - SHOWN_DIGITS, 1) + phone[-SHOWN_DIGITS:]


def mask_email(email: str) -> str:
    """Return a mail address for screens: the first letter, stars, the domain."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}***@{domain}"
