"""The templates that come with the product: a TOML file a kind with its words, its terms and the layout it is drawn by.

Kinds that look alike name the same layout.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.credentials.rules.layout import Layout
from app.credentials.rules.template_wording import Wording
from app.credentials.states import CertificateKind
from app.settings import ROOT

FOLDER = ROOT / "content" / "certificates"
FRAME, SHEET = "frame.html", "sheet.css"
"""The page that the files of kinds extend, and the style sheet of all of them."""
EXTENDS = re.compile(r"\{%-?\s*extends\s+['\"]frame\.html['\"]\s*-?%\}\s*")
BLOCK = re.compile(r"\{%-?\s*block\s+(\w+)\s*-?%\}(.*?)\{%-?\s*endblock\s*\w*\s*-?%\}", re.DOTALL)


class ShippedTerms(BaseModel):
    """How long a certificate holds where the room that asks for it does not say, and from when it may be renewed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    valid_months: int | None = Field(default=None, gt=0, le=600)
    renew_from_days: int | None = Field(default=None, gt=0, le=1100)

    @model_validator(mode="after")
    def _window(self) -> "ShippedTerms":
        if self.renew_from_days is not None and self.valid_months is None:
            msg = "what has no end is not renewed"
            raise ValueError(msg)
        return self


class ShippedTemplate(BaseModel):
    """One template as it stands in its file, with its layout."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: CertificateKind
    layout: str = Field(pattern="^[a-z_]+$")
    tag: str = Field(pattern="^(official|sample)$")
    source_zh: str = Field(min_length=1, max_length=200)
    source_en: str = Field(min_length=1, max_length=200)
    wording: Wording
    terms: ShippedTerms = ShippedTerms()
    html: str
    css: str


def shipped_template(kind: CertificateKind, folder: Path = FOLDER) -> ShippedTemplate:
    """Read the shipped template of a kind; raises OSError or ValueError where its file is missing or does not fit."""
    found = _words(kind, folder)
    layout = shipped_layout(kind, folder)
    return ShippedTemplate.model_validate({**found, "html": layout.html, "css": layout.css})


def _words(kind: CertificateKind, folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / f"{kind.value}.toml").read_text("utf-8"))


def shipped_layout(kind: CertificateKind, folder: Path = FOLDER) -> Layout:
    """Read the layout that a shipped template names as one page, the frame that it extends put in."""
    html = (folder / f"{_words(kind, folder)['layout']}.html").read_text("utf-8")
    if EXTENDS.search(html):
        html = flattened((folder / FRAME).read_text("utf-8"), html)
    return Layout(html, (folder / SHEET).read_text("utf-8"))


def flattened(frame: str, html: str) -> str:
    """Put the blocks of a page into the frame that it extends, so that the layout stands alone."""
    blocks: dict[str, str] = dict(BLOCK.findall(html))
    return BLOCK.sub(lambda found: blocks.get(found[1], str(found[2])).strip("\n"), frame)
