"""What the API answers, as typed shapes that also describe it."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field


class Check(BaseModel):
    """One check of a certificate."""

    name: str
    result: Literal["pass", "fail", "unknown", "unchecked"]
    detail: str


class Verification(BaseModel):
    """Whether a certificate holds: no check failed, and signature, validity and status passed."""

    valid: bool
    checks: list[Check]
    fields: dict[str, str] = Field(default_factory=dict, description="Every certified field")


class Problem(BaseModel):
    """A refusal (RFC 9457)."""

    type: str
    status: int
    title: str
    detail: str


class BaseEntry(BaseModel):
    """One entry of the register of training bases."""

    slug: str
    name_zh: str
    name_en: str
    region_code: str
    levels: list[str]
    state: str
    accredited_on: date | None
    accredited_until: date | None


class Bases(BaseModel):
    """A page of the register of training bases."""

    entries: list[BaseEntry]
    page: int
    pages: int
    total: int


class RegisterEntry(BaseModel):
    """One entry of the register of technology managers."""

    unified_number: str
    name: str
    level: str
    state: str
    valid_from: date | None
    valid_until: date | None
