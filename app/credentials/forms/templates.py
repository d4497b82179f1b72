"""Forms of templates: what a draft says, and for which level a new one is."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional, StopValidation

from app.core.text import _l
from app.credentials.rules.layout import LONGEST_LAYOUT
from app.credentials.rules.template_wording import LONGEST, names_document
from app.credentials.services.templates import OFFICIAL_NEEDS
from app.credentials.wording_templates import TAGS
from app.rulebook import queries as rulebook
from app.rulebook.states import Tag

CODE = {"rows": 24, "class": "code", "spellcheck": "false", "wrap": "off", "autocapitalize": "off"}
WORDS = ("name", "description", "criteria", "statement", "renewal")


def _most(name: str) -> list[Length]:
    return [Length(max=LONGEST[name], message=_l("At most %(max)d characters."))]


class LevelForm(FlaskForm):
    """For which level a new draft is."""

    level = SelectField(_l("Level"), validate_choice=False)

    def __init__(self, *args: Any, **given: Any) -> None:  # noqa: ANN401 - as FlaskForm
        super().__init__(*args, **given)
        self.level.choices = [("", _l("Every level")), *rulebook.level_choices()]


class TemplateForm(FlaskForm):
    """What a draft of a template says and how it looks."""

    name_zh = StringField(_l("Name (Chinese)"), validators=_most("name"))
    name_en = StringField(_l("Name (English)"), validators=_most("name"))
    description_zh = TextAreaField(_l("Description (Chinese)"), validators=_most("description"))
    description_en = TextAreaField(_l("Description (English)"), validators=_most("description"))
    criteria_zh = TextAreaField(_l("What it took (Chinese)"), validators=_most("criteria"))
    criteria_en = TextAreaField(_l("What it took (English)"), validators=_most("criteria"))
    statement_zh = TextAreaField(
        _l("What it is and is not (Chinese)"),
        description=_l("This sentence must say what the certificate is not; without it nothing is issued."),
        validators=_most("statement"),
    )
    statement_en = TextAreaField(_l("What it is and is not (English)"), validators=_most("statement"))
    valid_months = IntegerField(
        _l("Validity"),
        description=_l("Counts where the office that asks for a certificate gives no last day. Empty: no end."),
        validators=[Optional(), NumberRange(1, 600, message=_l("From 1 to 600 months."))],
    )
    renew_from_days = IntegerField(
        _l("May be renewed before the end"),
        description=_l("How many days before the last day a renewal may be applied for. Empty: no renewal."),
        validators=[Optional(), NumberRange(1, 1100, message=_l("From 1 to 1,100 days."))],
    )
    renewal_zh = TextAreaField(_l("What renewing takes (Chinese)"), validators=_most("renewal"))
    renewal_en = TextAreaField(_l("What renewing takes (English)"), validators=_most("renewal"))
    tag = SelectField(_l("Nature of the template"), choices=list(TAGS.items()), default=Tag.SAMPLE.value)
    source_zh = StringField(_l("Source (Chinese)"), validators=[Length(max=200)])
    source_en = StringField(_l("Source (English)"), validators=[Length(max=200)])
    html = TextAreaField(
        _l("Page (HTML with named fields)"),
        validators=[Length(max=LONGEST_LAYOUT)],
        render_kw=CODE,
    )
    css = TextAreaField(_l("Style sheet (CSS)"), validators=[Length(max=LONGEST_LAYOUT)], render_kw=CODE)

    def validate_tag(self, field: SelectField) -> None:
        """Call nothing official that names no document."""
        if field.data == Tag.OFFICIAL and not names_document(self.source_zh.data or "", self.source_en.data or ""):
            field.errors = [OFFICIAL_NEEDS]
            raise StopValidation

    def validate_renew_from_days(self, field: IntegerField) -> None:
        """Refuse a window before the end of something that has none."""
        if field.data is not None and self.valid_months.data is None:
            field.errors = [_l("Give the months of validity too: what has no end is not renewed.")]
