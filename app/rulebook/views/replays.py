"""Pages of replays: past decisions under another pack, who would change and why."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.queries import names_of
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import session, unit_of_work
from app.core.errors import InvalidError
from app.core.events import Subject
from app.core.jobs import Job
from app.core.text import _
from app.rulebook import queries, services
from app.rulebook.access import Permission, check_region
from app.rulebook.forms import ReplayForm
from app.rulebook.models import ReplayChange
from app.rulebook.phrases import Phrases
from app.rulebook.queries import records
from app.rulebook.rules.replaying import Change, changes
from app.rulebook.services.replays import REPLAY
from app.rulebook.verdicts import Verdict
from app.rulebook.views.blueprint import bp
from app.rulebook.views.words import outcome_words, phrases_of


@bp.post("/<code>/replay")
@requires(Permission.PROPOSE)
def ask_for_replay(code: str) -> AnyResponse | tuple[str, int]:
    """Start judging the decisions of a year again under a pack."""
    check_region(queries.pack(code, acting()), acting())
    form = ReplayForm()
    if not form.validate():
        return _again(code, form, 422)
    try:
        with unit_of_work():
            found = queries.pack(code, acting())
            asked = services.ask_for_replay(found, year=form.year.data or 0, by=acting(), at=clock.now())
    except InvalidError as error:
        form.year.errors = [str(error)]
        return _again(code, form, error.status)
    flash(_("The replay has started. You can leave this page."), "good")
    return redirect(url_for("rulebook.replay", code=asked.code))


def _again(code: str, form: ReplayForm, status: int) -> tuple[str, int]:
    return render_template("rulebook/replay_form.html", pack=queries.pack(code, acting()), form=form), status


@bp.get("/replays/<code>")
@requires(Permission.PROPOSE)
def replay(code: str) -> str:
    """Show a replay: its progress, then who would change and why."""
    asked = records.replay_in_scope(code, acting())
    page = records.changes_of(asked, page=request.args.get("page", 1, type=int))
    phrases = phrases_of(queries.kind(asked.pack.kind))
    people = [row.record.person_id for row in page.rows if row.record.person_id is not None]
    names = names_of(people)
    looked_up(people, by=acting(), purpose=Purpose.SUPERVISION, record=Subject("rule_replay", asked.code))
    return render_template(
        "rulebook/replay.html",
        asked=asked,
        job=session.scalars(select(Job).where(Job.key == f"{REPLAY}:{asked.code}")).one(),
        page=page,
        rows=[_row(row, phrases, names) for row in page.rows],
        region=queries.region_names({asked.pack.region_code})[asked.pack.region_code],
    )


def _row(row: ReplayChange, phrases: Phrases, names: dict[int, str]) -> dict[str, Any]:
    before, after = Verdict.from_json(row.record.verdict), Verdict.from_json(row.verdict)
    return {
        "name": names.get(row.record.person_id or 0, row.record.subject_code),
        "subject": row.record.subject_code,
        "decided_at": row.record.decided_at,
        "pack": row.record.pack,
        "before": row.before,
        "after": row.after,
        "why": [why(one, phrases) for one in changes(before, after)],
    }


def why(change: Change, phrases: Phrases) -> str:
    """Say in a sentence how one condition comes out otherwise."""
    words = outcome_words()
    line = change.after or change.before
    if line is None:
        return ""
    said = phrases.full(line)
    if change.before is None:
        return str(_("new: %(condition)s – %(after)s", condition=said, after=words[line.outcome]))
    if change.after is None:
        return str(_("dropped: %(condition)s – was %(before)s", condition=said, before=words[line.outcome]))
    before, after = words[change.before.outcome], words[change.after.outcome]
    return str(_("%(condition)s – %(before)s, now %(after)s", condition=said, before=before, after=after))
