"""Forms of a draw."""

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.text import _l


class CommitmentForm(FlaskForm):  # type: ignore[misc]
    """The hash that commits to a secret."""

    commitment = StringField(
        _l("Commitment"),
        description=_l("64 hexadecimal digits: the SHA-256 of format, panel, person and secret, each on its line."),
        validators=[DataRequired(_l("Give the commitment.")), Length(max=100)],
    )


class SecretForm(FlaskForm):  # type: ignore[misc]
    """The secret behind a commitment."""

    secret = StringField(_l("Secret"), validators=[DataRequired(_l("Give the secret.")), Length(max=200)])


class StartOverForm(FlaskForm):  # type: ignore[misc]
    """Why an attempt is void."""

    reason = TextAreaField(_l("Reason"), validators=[DataRequired(_l("Give the reason.")), Length(max=2000)])


class DeclareForm(FlaskForm):  # type: ignore[misc]
    """Why an expert must not judge a case."""

    reason = TextAreaField(
        _l("Why I must not judge this case"),
        validators=[DataRequired(_l("Give the reason.")), Length(max=2000)],
    )


class ImposeForm(FlaskForm):  # type: ignore[misc]
    """Whom the office recuses from a case, and why."""

    expert = SelectField(_l("Expert"), validators=[DataRequired(_l("Choose an expert."))])
    reason = TextAreaField(_l("Reason"), validators=[DataRequired(_l("Give the reason.")), Length(max=2000)])
