"""Telephone numbers, mail addresses and postcodes: how they are kept, checked and masked."""

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

from app.core.errors import InvalidError
from app.core.text import _l

MAINLAND = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")
ABROAD = re.compile(r"(?:\+|00)([1-9][0-9]{6,14})")
LANDLINE = re.compile(r"(0(?:10|2[0-9]|[3-9][0-9]{2}))-*([2-9][0-9]{6,7}|12[0-9]{3})(?:-+([0-9]{1,6}))?")
SERVICE = re.compile(r"([48]00)-?([0-9]{3})-?([0-9]{4})")
SHORT_NUMBER = re.compile(r"12[0-9]{3}|9[56][0-9]{3,4}")
POSTCODE = re.compile(r"[0-9]{6}")
SHOWN_BEFORE, HIDDEN, SHOWN_DIGITS = 6, 4, 4


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


def clean_office_phone(phone: str) -> str:
    """Return the telephone number of an office as `0531-86000000`, `400-600-1234` or a short number like `12345`.

    Hyphens and brackets are free, an extension follows a hyphen; a mobile number is kept as `clean_phone` keeps it.
    Source: the numbering plan of telecommunication networks (2017 edition): area codes of 3 digits for 010 and 02,
    else of 4. Raises InvalidError for the field `phone`.
    """
    written = re.sub(r"[()]+", "-", "".join(unicodedata.normalize("NFKC", phone).split())).strip("-")
    if landline := LANDLINE.fullmatch(written):
        return "-".join(part for part in landline.groups() if part)
    if service := SERVICE.fullmatch(written):
        return "-".join(service.groups())
    if SHORT_NUMBER.fullmatch(written):
        return written
    try:
        return clean_phone(written)
    except InvalidError as error:
        raise InvalidError(
            _l("Enter the number with its area code, such as 0531-86000000, or a short number."), field="phone"
        ) from error


def clean_postcode(postcode: str) -> str:
    """Return a postcode of six digits; raises InvalidError for the field `postcode`."""
    written = unicodedata.normalize("NFKC", postcode).strip()
    if POSTCODE.fullmatch(written) is None:
        raise InvalidError(_l("A postcode has six digits."), field="postcode")
    return written


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
    """Return a number as `clean_phone` keeps it for screens: country and beginning, four stars or more, four digits.

    A number abroad may have eight characters; the shorter it is, the less of its beginning is shown.
    """
    head = phone[: min(SHOWN_BEFORE, len(phone) - HIDDEN - SHOWN_DIGITS)]
    return head + "*" * (len(phone) - len(head) - SHOWN_DIGITS) + phone[-SHOWN_DIGITS:]


def mask_email(email: str) -> str:
    """Return a mail address for screens: the first letter, stars, the domain."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}***@{domain}"
