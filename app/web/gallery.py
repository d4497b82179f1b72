"""Invented data for the page that shows every component; opened in demo and tests only."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from flask import render_template, request
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DecimalField,
    FileField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    validators,
    widgets,
)

from app.core.errors import NotFoundError
from app.core.text import _, _l, pick
from app.web.error_pages import ADVICE, problem_of

RELEASED = datetime(2026, 6, 18, 7, 40, tzinfo=UTC)
ENDS = datetime(2026, 6, 25, 9, 30, tzinfo=UTC)
REQUIRED = [validators.InputRequired(_l("Enter a value."))]

LEVELS = [("1", _l("Junior")), ("2", _l("Intermediate")), ("3", _l("Senior"))]


class SampleForm(FlaskForm):
    """One field of each kind."""

    name = StringField(_l("Full name"), REQUIRED, description=_l("As written on the identity card."))
    hours = IntegerField(_l("Class hours"), REQUIRED)
    amount = DecimalField(_l("Contract amount"), [validators.Optional()])
    level = RadioField(_l("Level"), REQUIRED, choices=LEVELS)
    modules = SelectMultipleField(
        _l("Modules"),
        choices=[("k", _l("General knowledge")), ("p", _l("Policy and law")), ("s", _l("Practice"))],
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )
    base = SelectField(_l("Training base"), choices=[("", _l("Choose")), ("a", _l("Guanzhong base"))])
    roster = FileField(_l("Roster"), description=_l("An xlsx file with up to 500 rows."))
    note = TextAreaField(_l("Remarks"))
    agree = BooleanField(_l("The persons on the roster know that they are enrolled."))


class SampleFilters(FlaskForm):
    """A row of filters."""

    class Meta:
        """A search changes nothing, so it carries no token."""

        csrf = False

    q = StringField(_l("Name or number"))
    state = SelectField(_l("State"), choices=[("", _l("All")), ("open", _l("Open")), ("ended", _l("Ended"))])


def samples() -> dict[str, Any]:
    """Return the values of the gallery page."""
    return {
        "form": SampleForm(formdata=None),
        "bad_form": _form_with_errors(),
        "filters": SampleFilters(request.args),
        "columns": _columns(),
        "rows": _rows(),
        "page": SimpleNamespace(page=2, pages=9, total=176),
        "verdict": _verdict(),
        "chart": _chart(),
        "todos": _todos(),
        "released": RELEASED,
        "ends": ENDS,
    }


def _form_with_errors() -> SampleForm:
    form = SampleForm(formdata=None, prefix="bad", data={"hours": -3, "name": pick("欧阳明", "Ouyang Ming")})
    form.hours.errors = [_("Class hours cannot be negative.")]
    form.level.errors = [_("Choose a level.")]
    form.roster.errors = [_("Row 12: the identity number has 17 digits.")]
    return form


def _columns() -> list[dict[str, Any]]:
    return [
        {"key": "name", "label": _("Cohort"), "sort": True},
        {"key": "code", "label": _("Number"), "kind": "code"},
        {"key": "persons", "label": _("Persons"), "kind": "number", "sort": True},
        {"key": "rate", "label": _("Pass rate"), "kind": "number"},
        {"key": "starts", "label": _("Starts"), "sort": True},
    ]


def _rows() -> list[dict[str, Any]]:
    names = (
        (pick("2026年春季初级班", "Spring 2026, junior"), "GZ-2026-01", "40", "92.5%", "2026-03-09"),
        (pick("2026年夏季中级班", "Summer 2026, intermediate"), "GZ-2026-02", "36", "80.6%", "2026-06-15"),
        (pick("2026年高校技术转移专班", "University transfer offices 2026"), "GZ-2026-03", "1,208", "", "2026-09-01"),
    )
    keys = ("name", "code", "persons", "rate", "starts")
    return [{**dict(zip(keys, row, strict=True)), "url": "#table"} for row in names]


def _verdict() -> dict[str, Any]:
    return {
        "state": "near",
        "title": _("Not yet eligible for the intermediate level"),
        "text": _("One condition is open. It can be met by 30 June 2026."),
        "lines": [
            _line("met", _("Junior level held for at least one year"), _("Certificate of 12 May 2025")),
            _line("near", _("At least 40 class hours in policy and law"), _("36 of 40 class hours")),
            _line("not", _("At least two registered technology contracts"), _("One contract on file")),
        ],
    }


def _line(state: str, text: str, evidence: str) -> dict[str, str]:
    source = _("Sample value, set by your authority")
    return {"state": state, "text": text, "evidence": evidence, "rule": "exam-junior-sample.1", "source": source}


def _chart() -> dict[str, Any]:
    return {
        "title": _("Certified persons by level"),
        "type": "bar",
        "stack": True,
        "unit": _("persons"),
        "categories": ["2022", "2023", "2024", "2025", "2026"],
        "series": [
            {"name": _("Junior"), "data": [2140, 4820, 7360, 11240, 15980]},
            {"name": _("Intermediate"), "data": [320, 960, 1840, 3120, 4870]},
            {"name": _("Senior"), "data": [0, 84, 210, 460, 790]},
        ],
    }


def _todos() -> list[dict[str, Any]]:
    return [
        {
            "title": _("Release the results of session 3"),
            "context": pick("2026年春季初级班，40人", "Spring 2026, junior, 40 persons"),
            "url": "#todo",
            "due": RELEASED,
            "overdue": True,
            "action": _("Release"),
        },
        {
            "title": _("Confirm the syllabus for the junior level"),
            "context": pick("第二人确认，由王敏提交", "Second person, submitted by Wang Min"),
            "url": "#todo",
            "due": ENDS,
            "overdue": False,
            "action": _("Confirm"),
        },
        {"title": _("Read the minutes of the panel"), "url": "#todo", "overdue": False},
    ]


LAYOUTS = {
    "public": "web/gallery_public.html",
    "exam": "web/gallery_exam.html",
    "document": "web/gallery_document.html",
}


def layout(name: str) -> str:
    """Render one of the other layouts, or the error page of a status.

    Raises NotFoundError for a name that is neither.
    """
    if name.isdigit() and int(name) in ADVICE:
        return render_template("web/error.html", problem=problem_of(int(name)))
    if name not in LAYOUTS:
        raise NotFoundError(_l("There is no such layout."))
    return render_template(LAYOUTS[name], **samples())
