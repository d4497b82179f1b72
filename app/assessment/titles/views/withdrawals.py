"""Pages of the withdrawal of a title: proposed, decided by a second person, read by whoever holds it."""

from flask import flash, redirect, render_template, request, url_for

from app.accounts.queries import names_of
from app.assessment.titles import queries, services
from app.assessment.titles.access import Permission
from app.assessment.titles.forms import WithdrawalDecisionForm, WithdrawalForm
from app.assessment.titles.models import TitleAward, TitleWithdrawal
from app.assessment.titles.states import (
    WITHDRAWAL_LABELS,
    WITHDRAWAL_REASONS,
    WithdrawalReason,
    WithdrawalState,
)
from app.assessment.titles.views.blueprint import Answer, bp
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.errors import NotFoundError
from app.core.text import _, _l
from app.desk.queries import timeline_entries
from app.panels.states import TITLE_LABELS


def _award(code: str) -> TitleAward:
    """Return the title that an application of one's office or region led to; raises NotFoundError."""
    found = queries.award_of(queries.application(code, acting()))
    if found is None:
        raise NotFoundError(_l("This application led to no title."))
    return found


@bp.get("/applications/<code>/withdrawal")
@requires(Permission.WITHDRAW)
def new_withdrawal(code: str) -> str:
    """Show the form that proposes the withdrawal of a title."""
    return _form_page(code, WithdrawalForm())


def _form_page(code: str, form: WithdrawalForm) -> str:
    return render_template(
        "titles/withdrawal_new.html", award=_award(code), application=code, form=form, levels=TITLE_LABELS
    )


@bp.post("/applications/<code>/withdrawal")
@requires(Permission.WITHDRAW)
def propose_withdrawal(code: str) -> Answer:
    """Propose the withdrawal of a title."""
    form = WithdrawalForm()
    if not form.validate():
        return _form_page(code, form), 422
    with unit_of_work():
        made = services.propose_withdrawal(
            _award(code),
            reason=WithdrawalReason(form.reason.data),
            findings=form.findings.data or "",
            by=acting(),
            at=clock.now(),
        )
    flash(_("Proposed. Another person of the authority decides; the title stands until then."), "good")
    return redirect(url_for("titles.withdrawal", code=made.code))


@bp.get("/withdrawals/<code>")
@requires(Permission.READ)
def withdrawal(code: str) -> str:
    """Show a withdrawal: the title, what was found, the decision, and what can be done now."""
    return _page(queries.withdrawal(code, acting()), WithdrawalDecisionForm())


def _page(found: TitleWithdrawal, form: WithdrawalDecisionForm) -> str:
    actor, award = acting(), found.award
    subject = services.of_withdrawal(found)
    looked_up([award.person_id], by=actor, purpose=Purpose.CERTIFICATION, record=subject)
    own = actor.person_id == award.person_id
    open_ = actor.may(Permission.CONFIRM) and found.state is WithdrawalState.PROPOSED
    return render_template(
        "titles/withdrawal.html",
        withdrawal=found,
        award=award,
        own=own,
        labels=WITHDRAWAL_LABELS,
        reasons=WITHDRAWAL_REASONS,
        levels=TITLE_LABELS,
        names={} if own else names_of([found.proposed_by_id, found.decided_by_id]),
        form=form if open_ and not own else None,
        foreseen=queries.bar_foreseen(found, clock.now()) if open_ else None,
        barred=queries.barred_by(found) if found.integrity_rule else None,
        mine=actor.person_id == found.proposed_by_id,
        entries=[] if own else timeline_entries(subject),
    )


@bp.post("/withdrawals/<code>/decide")
@requires(Permission.CONFIRM)
def decide_withdrawal(code: str) -> Answer:
    """Withdraw the title, or let it stand, as the second person."""
    form = WithdrawalDecisionForm()
    if not form.validate():
        return _page(queries.withdrawal(code, acting()), form), 422
    approved = request.form.get("move") == "approve"
    act = services.approve_withdrawal if approved else services.reject_withdrawal
    with unit_of_work():
        act(queries.withdrawal(code, acting()), decision=form.decision.data or "", by=acting(), at=clock.now())
    said = _("Withdrawn. The register says so, and the certificate is revoked.") if approved else _("The title stands.")
    flash(said, "good")
    return redirect(url_for("titles.withdrawal", code=code))
