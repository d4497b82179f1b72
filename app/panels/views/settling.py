"""The form by which the office says whether a declaration by name means whom a case concerns."""

from flask import flash

from app.core import clock
from app.core.access import acting
from app.core.db import unit_of_work
from app.core.errors import ConflictError
from app.core.events import Subject
from app.core.text import _
from app.panels.access import Permission
from app.panels.forms.draws import SettleForm
from app.panels.queries.recusals import Recorded
from app.panels.services import settling as services


def settle_form(recusals: list[Recorded], **given: object) -> SettleForm | None:
    """Return the form for whoever is recused for a name alone; None for all but the office, and where nobody is."""
    waiting = [one.recusal for one in recusals if one.waits]
    if not acting().may(Permission.ORGANISE) or not waiting:
        return None
    form = SettleForm(prefix="settle", **given)
    form.expert.choices = [(one.person.code, one.person.name) for one in waiting]
    return form


def settle(form: SettleForm | None, subject: Subject, about: Subject) -> bool:
    """Take a finding over; return False with errors beside the fields where it cannot be taken."""
    if form is None:
        raise ConflictError(services.SETTLED)
    if not form.validate():
        return False
    with unit_of_work():
        services.settle(
            subject,
            form.expert.data or "",
            same=form.same.data == "yes",
            reason=form.reason.data or "",
            about=about,
            by=acting(),
            at=clock.now(),
        )
    flash(_("Recorded. It takes effect at once."), "good")
    return True
