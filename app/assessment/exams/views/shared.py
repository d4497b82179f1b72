"""What several pages of exams show: who else can act, a verdict with its reasons, form errors of a rule."""

from typing import Any

from app.accounts.queries import members
from app.accounts.states import Role
from app.assessment.exams.rules import eligibility, entry
from app.core import clock
from app.core.access import Actor
from app.core.errors import DomainError
from app.core.text import _
from app.rulebook.verdicts import Verdict, rendered

REASONS = {**eligibility.REASONS, **entry.REASONS}


def other_examiners(actor: Actor, organisation_id: int) -> str:
    """Name the examiners of an organisation who are not the actor, as a sentence takes them."""
    found = members(Role.EXAMINER, on=clock.today(), organisation_id=organisation_id)
    names = dict.fromkeys(one.person.name for one in found if one.person_id != actor.person_id)
    return str(_(", ")).join(names) or _("nobody yet; ask an administrator to name a second examiner")


def shown(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as `ui.verdict` takes it."""
    return {
        "state": "met" if verdict.met else "not",
        "title": _("May register") if verdict.met else _("May not register yet"),
        "lines": [{**line, "state": line["outcome"]} for line in rendered(verdict, REASONS)],
    }


def put_beside_field(form: Any, error: DomainError) -> None:  # noqa: ANN401 - WTForms has no types
    """Show a rule's refusal beside its field, or above the form."""
    if error.field and error.field in form:
        field = form[error.field]
        field.errors = [*field.errors, str(error)]
    else:
        form.form_errors.append(str(error))
