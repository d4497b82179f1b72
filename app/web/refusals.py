"""What a form says when a rule refuses what was sent."""

from flask_wtf import FlaskForm

from app.core.errors import DomainError


def show_beside(form: FlaskForm, error: DomainError) -> int:
    """Put a refusal beside its field, or above the form; return the status to answer with."""
    if error.field and error.field in form:
        form[error.field].errors = [*form[error.field].errors, str(error)]
    else:
        form.form_errors.append(str(error))
    return error.status
