"""An item as people read it: what is asked, the key, the rubric, each sub-item of a case.

Every page shows items by `Shown` and the macros of `items/parts.html` (with or without the key) and
`items/printed.html` (on paper); what a candidate answers on screen is in the room of exams.
"""

from dataclasses import dataclass

from flask import Response, make_response
from markupsafe import Markup, escape
from sqlalchemy import select

from app.core.db import session
from app.core.errors import NotFoundError, Text
from app.core.files import StoredFile, load
from app.core.text import _, _l
from app.items.models import ItemVersion
from app.items.rules.bodies import Body, Number, Part, asked, plain
from app.items.rules.texts import PICTURES, render, render_inline
from app.items.states import CHOICES, CREDIT_LABELS, TYPE_LABELS, WRITTEN, ItemType


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an item or its key: its letter or number, or what it is about; what is said or right there.

    `right` marks a right option, `letter` the option that a line of the key names.
    """

    name: Markup
    said: Markup
    right: bool = False
    letter: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of an item or of a sub-item; `kind` names how it is answered.

    `options` and `prompts` are what the candidate sees; `lines` are the key of what is no choice.
    """

    type: Text
    stem: Markup
    kind: str
    options: list[Line]
    prompts: list[Markup]
    lines: list[Line]
    unit: str
    unit_asked: bool
    facts: list[tuple[str, ...]]
    reference: Markup | None
    rubric: list[tuple[str, str, Markup]]
    explanation: Markup | None
    weight: str
    parts: list["Shown"]


def shown(version: ItemVersion, base: str) -> Shown:
    """Return what a version asks; `base` is the address that hashes of its files end."""
    return shown_part(asked(version), base)


def shown_part(part: Part, base: str) -> Shown:
    """Return what an item or a sub-item asks; `base` as above."""
    body = part.body
    return Shown(
        type=TYPE_LABELS[part.type],
        stem=_html(part.stem, base),
        kind=_kind(part.type),
        options=[Line(escape(one.key), _inline(one.text, base), one.key in part.key) for one in part.options],
        prompts=[_inline(prompt, base) for prompt in body.prompts],
        lines=_lines(part, base),
        unit=body.unit,
        unit_asked=body.unit_asked,
        facts=_facts(body),
        reference=_html(body.reference, base) if body.reference else None,
        rubric=[(one.name, plain(one.points), _html(one.guidance, base)) for one in body.rubric],
        explanation=_html(part.explanation, base) if part.explanation else None,
        weight=plain(part.weight),
        parts=[shown_part(one, base) for one in body.parts],
    )


def kept_file(digest: str, *, known: bool) -> Response:
    """Send a kept file that stands where it was asked for; what is no picture is never opened in the browser.

    Raises NotFoundError where it does not stand there.
    """
    stored = session.scalar(select(StoredFile).where(StoredFile.sha256 == digest)) if known else None
    if stored is None:
        raise NotFoundError(_l("There is no such file here."))
    answer = make_response(load(stored))
    answer.headers["Content-Type"] = stored.media_type
    answer.headers["Content-Disposition"] = "inline" if stored.media_type in PICTURES else "attachment"
    answer.headers["Cache-Control"] = "private, max-age=14400, immutable"
    return answer


def _html(text: str, base: str) -> Markup:
    return Markup(render(text, base))  # noqa: S704 - the renderer escapes text and writes known elements only


def _inline(text: str, base: str) -> Markup:
    return Markup(render_inline(text, base))  # noqa: S704 - as above


def _kind(item_type: ItemType) -> str:
    if item_type in CHOICES:
        return "choice"
    if item_type in WRITTEN:
        return "essay" if item_type is ItemType.ESSAY else "written"
    return {ItemType.MATCHING: "pairs", ItemType.ORDERING: "order", ItemType.CASE: "case"}.get(item_type, "answers")


def _lines(part: Part, base: str) -> list[Line]:
    texts = {option.key: _inline(option.text, base) for option in part.options}
    body = part.body
    if part.type is ItemType.MATCHING:
        pairs = zip(body.prompts, body.pairs, strict=True)
        lines = [Line(_inline(prompt, base), texts[letter], letter=letter) for prompt, letter in pairs]
        return [*lines, *(Line(escape("–"), text, letter=key) for key, text in texts.items() if key not in body.pairs)]
    if part.type is ItemType.ORDERING:
        return [Line(escape(place), texts[letter], letter=letter) for place, letter in enumerate(body.order, 1)]
    said = [_accepted(one.accepted, exact=one.exact) for one in body.blanks] or list(map(_number, body.numbers))
    return [Line(escape(number), escape(text)) for number, text in enumerate(said, 1)]


def _accepted(accepted: tuple[str, ...], *, exact: bool) -> str:
    listed = str(_(", ")).join(accepted)
    return _("%(answers)s (exactly as written)", answers=listed) if exact else listed


def _number(one: Number) -> str:
    """Return a number with its tolerance, and its share of the points where that is not all."""
    span = f"{plain(one.tolerance * 100)}%" if one.relative else plain(one.tolerance)
    said = f"{plain(one.value)} ± {span}" if one.tolerance else plain(one.value)
    return said if one.share == 1 else f"{said} ({plain(one.share * 100)}%)"


def _facts(body: Body) -> list[tuple[str, ...]]:
    facts: list[tuple[str, ...]] = []
    if body.credit:
        facts.append((_("Credit for a partly right answer"), str(CREDIT_LABELS[body.credit])))
    if body.unit:
        facts.append((_("Unit of measure"), body.unit, "data"))
        asked_for = _("must be written by the candidate") if body.unit_asked else _("shown beside the answer")
        facts.append((_("Unit is"), asked_for))
    facts += [(_("Other unit"), f"1 {unit.name} = {plain(unit.factor)} {body.unit}", "data") for unit in body.units]
    return facts
