"""Forms of organisations and their members."""

from collections.abc import Iterable, Mapping

from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp

from app.accounts.models import Region
from app.accounts.states import IDENTITY_LABELS, ORGANISATION_LABELS, ROLE_LABELS, Role
from app.core.errors import Text
from app.core.text import _l, pick

LINE = 200
KINDS = [(kind.value, label) for kind, label in ORGANISATION_LABELS.items()]


class OrganisationFilter(FlaskForm):
    """Which organisations to list."""

    class Meta:
        """A search changes nothing, so it carries no token."""

        csrf = False

    text = StringField(_l("Name or credit code"))
    kind = SelectField(_l("Kind"), choices=[("", _l("All kinds")), *KINDS])
    state = SelectField(
        _l("State"), choices=[("", _l("All")), ("open", _l("Operating")), ("closed", _l("Closed down"))]
    )


class CorrectionForm(FlaskForm):
    """What may be corrected of an organisation."""

    name_zh = StringField(_l("Name (Chinese)"), [DataRequired(_l("Give the name.")), Length(max=LINE)])
    name_en = StringField(_l("Name (English)"), [DataRequired(_l("Give the name.")), Length(max=LINE)])
    region_code = SelectField(_l("Region"), validators=[InputRequired(_l("Choose the region."))])
    credit_code = StringField(
        _l("Unified social credit code"),
        [DataRequired(_l("Enter the code of the licence.")), Length(max=40)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )

    part_of = StringField(
        _l("Part of"),
        [Optional(), Length(max=64)],
        description=_l(
            "The credit code or short name of the whole, such as the university of a school or the parent of a "
            "company. Left empty, it stands alone."
        ),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )

    def offer(self, regions: Iterable[Region]) -> None:
        """Offer the regions that may be chosen."""
        self.region_code.choices = [(one.code, f"{one.code} {pick(one.name_zh, one.name_en)}") for one in regions]


class OrganisationForm(CorrectionForm):
    """A new organisation."""

    kind = SelectField(_l("Kind"), choices=KINDS)
    slug = StringField(
        _l("Short name in addresses"),
        [
            DataRequired(_l("Give a short name.")),
            Length(max=40),
            Regexp(r"[a-z0-9][a-z0-9-]*\Z", message=_l("Use small letters, digits and hyphens only.")),
        ],
        description=_l("It stays as it is. Small letters, digits and hyphens."),
    )


class ContactsForm(FlaskForm):
    """How anyone may reach an organisation; what is left empty is not shown in public."""

    phone = StringField(
        _l("Public telephone"),
        [Optional(), Length(max=40)],
        description=_l("With area code, such as 0531-86000000."),
        render_kw={"inputmode": "tel"},
    )
    email = StringField(_l("Public mail address"), [Optional(), Length(max=LINE)], render_kw={"inputmode": "email"})
    postal_address = StringField(_l("Postal address"), [Optional(), Length(max=LINE)])
    postcode = StringField(_l("Postcode"), [Optional(), Length(max=10)], render_kw={"inputmode": "numeric"})


class ClosingForm(FlaskForm):
    """With which day and why an organisation is closed."""

    last_day = DateField(_l("Last day in force"), [InputRequired(_l("Give the last day."))])
    reason = TextAreaField(_l("Reason"), [DataRequired(_l("Give the reason.")), Length(max=1000)])


class MemberForm(FlaskForm):
    """Whom to bring into one's organisation, as what and how long."""

    role = SelectField(_l("Role"), validators=[InputRequired(_l("Choose a role."))])
    name = StringField(_l("Full name"), [DataRequired(_l("Enter the name as on the document.")), Length(max=100)])
    identity_kind = SelectField(
        _l("Document"), choices=[(kind.value, label) for kind, label in IDENTITY_LABELS.items()]
    )
    identity_number = StringField(
        _l("Document number"),
        [DataRequired(_l("Enter the document number.")), Length(max=40)],
        render_kw={"autocomplete": "off"},
    )
    email = StringField(_l("Mail address"), [Optional(), Length(max=LINE)])
    starts_on = DateField(_l("First day in force"), [InputRequired(_l("Give the first day."))])
    ends_on = DateField(_l("Last day in force"), [Optional()], description=_l("Left empty, the role has no end."))

    def offer(self, roles: Iterable[Role]) -> None:
        """Offer the roles that may be given."""
        self.role.choices = [(role.value, ROLE_LABELS[role]) for role in sorted(roles)]


class EndForm(FlaskForm):
    """With which day a role ends."""

    last_day = DateField(_l("Last day in force"), [InputRequired(_l("Give the last day."))])


class KeyForm(FlaskForm):
    """What a key for a program is called, what for, and how long it holds."""

    name = StringField(
        _l("Name of the program"),
        [DataRequired(_l("Name the program that will hold the key.")), Length(max=100)],
        description=_l("Such as: personnel system, contract registry."),
    )
    purpose = SelectField(_l("Use of the key"), validators=[InputRequired(_l("Choose what the key is for."))])
    days = SelectField(
        _l("Holds for"),
        coerce=int,
        choices=[(30, _l("30 days")), (90, _l("90 days")), (180, _l("180 days")), (365, _l("a year"))],
        default=180,
    )

    def offer(self, purposes: Mapping[str, Text]) -> None:
        """Offer the purposes that the role carries itself."""
        self.purpose.choices = list(purposes.items())
