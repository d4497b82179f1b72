"""Instants, days, figures and amounts as Chinese and English readers expect them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask, render_template_string

from app.web import formats

LATE = datetime(2026, 11, 23, 16, 5, tzinfo=UTC)
ZH = {"Cookie": "lang=zh_CN"}
EN = {"Cookie": "lang=en"}


@pytest.mark.parametrize(
    ("headers", "value", "written"),
    [
        (ZH, LATE, "2026年11月24日 00:05"),
        (EN, LATE, "24 Nov 2026, 00:05"),
        (ZH, date(2026, 3, 9), "2026年3月9日"),
        (EN, date(2026, 3, 9), "9 Mar 2026"),
        (ZH, None, ""),
    ],
)
def test_instants_are_written_in_shanghai_time(
    app: Flask, headers: dict[str, str], value: date | None, written: str
) -> None:
    with app.test_request_context(headers=headers):
        assert formats.when(value) == written


def test_a_span_within_a_day_in_shanghai_names_the_day_once(app: Flask) -> None:
    opens = datetime(2026, 6, 12, 16, 30, tzinfo=UTC)
    with app.test_request_context(headers=ZH):
        assert formats.until(datetime(2026, 6, 13, 3, 0, tzinfo=UTC), opens) == "11:00"
        assert formats.until(datetime(2026, 6, 13, 16, 0, tzinfo=UTC), opens) == "2026年6月14日 00:00"


def test_the_day_of_an_instant_is_the_day_in_shanghai(app: Flask) -> None:
    with app.test_request_context(headers=ZH):
        assert formats.day(LATE) == "2026年11月24日"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (12840, "12,840"),
        (0, "0"),
        (1234.5, "1,234.5"),
        (3.0, "3"),
        (2.345, "2.35"),
        (Decimal("1234.50"), "1,234.50"),
        ("12 / 40", "12 / 40"),
        (None, ""),
    ],
)
def test_figures_are_grouped(value: formats.Number | str | None, written: str) -> None:
    assert formats.number(value) == written


@pytest.mark.parametrize(
    ("value", "written"), [(Decimal("1234567.8900"), "1,234,567.8900"), (Decimal("1E+3"), "1,000"), (None, "")]
)
def test_a_decimal_keeps_every_digit(value: Decimal | None, written: str) -> None:
    assert formats.decimal(value) == written


@pytest.mark.parametrize(
    ("value", "digits", "written"),
    [(0.806, 1, "80.6%"), (1, 1, "100%"), (Decimal("0.7"), 1, "70%"), (0.5, 0, "50%"), (0.1234, 2, "12.34%")],
)
def test_a_share_is_written_in_percent(value: formats.Number, digits: int, written: str) -> None:
    assert formats.percent(value, digits) == written


def test_no_share_is_written_as_nothing() -> None:
    assert formats.percent(None) == ""


@pytest.mark.parametrize(
    ("headers", "yuan", "written"),
    [
        (ZH, Decimal(5_005_000), "500.5万元"),
        (ZH, 384_500_000, "38,450万元"),
        (ZH, 100, "0.01万元"),
        (ZH, Decimal("0.00"), "0万元"),
        (EN, 5_005_000, "CNY 5,005,000"),
        (EN, Decimal("12.50"), "CNY 12.50"),
        (ZH, None, ""),
    ],
)
def test_amounts_are_written_in_the_unit_of_the_reader(
    app: Flask, headers: dict[str, str], yuan: Decimal | int | None, written: str
) -> None:
    with app.test_request_context(headers=headers):
        assert formats.wan(yuan) == written


def test_a_filter_on_a_constant_speaks_the_language_of_each_request(app: Flask) -> None:
    with app.test_request_context(headers=ZH):
        first = render_template_string("{{ 50000|wan }}")
    with app.test_request_context(headers=EN):
        second = render_template_string("{{ 50000|wan }}")

    assert (first, second) == ("5万元", "CNY 50,000")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026年", "2026\u2009年"),
        ("符合 OB 标准", "符合\u2009OB\u2009标准"),
        ("第12行", "第\u200912\u2009行"),
        ("只有汉字，没有拉丁", "只有汉字，没有拉丁"),
        ("only Latin 12", "only Latin 12"),
    ],
)
def test_a_thin_space_stands_between_han_and_latin(text: str, written: str) -> None:
    assert formats.thin(text) == written
