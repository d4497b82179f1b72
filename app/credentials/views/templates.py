"""Pages of templates: every version, the editor of a draft with its drawn samples, what differs, the confirmation."""

import base64
from collections.abc import Sequence

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.queries import names_of
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import ConflictError, InvalidError, NotFoundError, UnavailableError
from app.core.text import _, _l, pick
from app.credentials import layouts, services, wording, wording_templates
from app.credentials.access import Permission, confirms_templates, designs
from app.credentials.forms import LevelForm, TemplateForm
from app.credentials.forms.templates import WORDS
from app.credentials.models import CertificateTemplate
from app.credentials.queries import templates as queries
from app.credentials.rules.differences import difference
from app.credentials.rules.layout import Fault as LayoutFault
from app.credentials.rules.layout import Layout
from app.credentials.rules.template_wording import Fault as WordFault
from app.credentials.services.templates import Content, digest, subject
from app.credentials.states import OF_LEVELS, TemplateState
from app.credentials.views.blueprint import bp
from app.desk.queries import timeline_entries
from app.rulebook import queries as rulebook

Answer = str | BaseResponse | tuple[str, int]
NOTHING = ""
"""The digest of no version: what nobody saw as it is now is not confirmed."""


def _around(found: CertificateTemplate | None = None) -> dict[str, object]:
    authority = queries.authority_id()
    return {
        "template": found,
        "labels": wording.KINDS,
        "levels": rulebook.LevelWords(),
        "states": wording_templates.STATES,
        "tags": wording_templates.TAGS,
        "fields": wording_templates.FIELDS,
        "may_design": designs(acting(), authority),
        "may_confirm": confirms_templates(acting(), authority),
    }


@bp.get("/issuing/templates")
@requires(Permission.DESIGN)
def templates() -> str:
    """List every version of every template with its state."""
    return render_template("credentials/templates.html", versions=queries.versions(), **_around())


@bp.get("/issuing/templates/<code>")
@requires(Permission.DESIGN)
def template(code: str) -> str:
    """Show one version: its words, terms and layout, both samples, and what may be done."""
    return _page(queries.template(code), LevelForm())


def _page(found: CertificateTemplate, form: LevelForm) -> str:
    current = queries.in_force(found.kind, found.level)
    return render_template(
        "credentials/template.html",
        form=form,
        has_levels=found.kind in OF_LEVELS,
        faults=_faults(*queries.faults(found)),
        names=names_of([found.drafted_by_id, found.confirmed_by_id]),
        mine=found.drafted_by_id == acting().person_id,
        seen=digest(found),
        current=current[0] if current and current[0].id != found.id else None,
        samples=layouts.SAMPLES,
        entries=timeline_entries(subject(found)),
        **_around(found),
    )


def _faults(words: Sequence[WordFault], layout: Sequence[LayoutFault]) -> list[str]:
    """Return what the words and the text of the layout show to be wrong, as sentences."""
    return [wording_templates.said_of_words(one) for one in words] + [
        wording_templates.said_of_layout(one) for one in layout
    ]


@bp.get("/issuing/templates/<code>/samples/<size>.png")
@requires(Permission.DESIGN)
def template_sample(code: str, size: str) -> Response:
    """Draw a sample with a short or a long name under one version."""
    found = queries.template(code)
    words, _layout = queries.faults(found)
    if size not in layouts.SAMPLES or words:
        raise NotFoundError(_l("There is no such sample, or the words of this version are not complete yet."))
    drawing = layouts.drawn(Layout(found.html, found.css), found.kind, queries.wording_of(found), size)
    if drawing.png is None:
        raise UnavailableError(_l("The sample cannot be drawn; the page of the version says what is wrong."))
    response = Response(drawing.png, mimetype="image/png")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.post("/issuing/templates/<code>/drafts")
@requires(Permission.DESIGN)
def start_draft(code: str) -> Answer:
    """Begin a draft from a version."""
    form = LevelForm()
    try:
        with unit_of_work():
            level = form.level.data or ""
            draft = services.start_draft(queries.template(code), level=level, by=acting(), at=clock.now())
    except InvalidError as error:
        form.level.errors = [str(error)]
        return _page(queries.template(code), form), error.status
    return redirect(url_for("credentials.edit_template", code=draft.code))


@bp.get("/issuing/templates/<code>/edit")
@requires(Permission.DESIGN)
def edit_template(code: str) -> Answer:
    """Show the editor of a draft to its author."""
    found = queries.template(code)
    if found.state is not TemplateState.DRAFT or found.drafted_by_id != acting().person_id:
        return redirect(url_for("credentials.template", code=code))
    given = {name: getattr(found, name) for name in ("valid_months", "renew_from_days", "tag", "html", "css")}
    sources = {"source_zh": found.source_zh, "source_en": found.source_en}
    return _editor(found, TemplateForm(formdata=None, **found.wording, **given, **sources))


def _editor(found: CertificateTemplate, form: TemplateForm, typed: CertificateTemplate | None = None) -> str:
    """Show the editor with the samples of what is saved, or of what was `typed` and is not saved yet."""
    shown = typed or found
    words, layout = queries.faults(shown)
    sound = not words and not layout
    drawn, problem = _drawn(shown, sound=sound)
    whole = sound and problem is None and not form.errors
    return render_template(
        "credentials/template_edit.html",
        form=form,
        faults=_faults(words, layout) + drawn,
        problem=problem,
        samples=layouts.SAMPLES,
        shows=whole,
        pictures=_pictures(typed) if typed is not None and whole else {},
        unsaved=typed is not None,
        wrong=[(field.label.text, error) for field in form for error in field.errors],
        **_around(found),
    )


def _pictures(typed: CertificateTemplate) -> dict[str, str]:
    """Return the samples of what is not saved as data addresses, since nothing else holds them."""
    words = queries.wording_of(typed)
    drawings = {size: layouts.drawn(Layout(typed.html, typed.css), typed.kind, words, size) for size in layouts.SAMPLES}
    return {
        size: f"data:image/png;base64,{base64.b64encode(one.png).decode()}"
        for size, one in drawings.items()
        if one.png is not None
    }


def _drawn(found: CertificateTemplate, *, sound: bool) -> tuple[list[str], str | None]:
    """Return what drawing a `sound` text shows to be wrong, and why nothing was drawn where this machine cannot."""
    if not sound:
        return [], None
    try:
        faults = layouts.faults_of_drawing(Layout(found.html, found.css), found.kind, queries.wording_of(found))
    except UnavailableError as error:
        return [], str(error)
    return [wording_templates.said_of_layout(one) for one in faults], None


@bp.post("/issuing/templates/<code>/edit")
@requires(Permission.DESIGN)
def save_template(code: str) -> Answer:
    """Keep what the author typed, right or not, and show both samples and what is wrong."""
    form = TemplateForm()
    found = queries.template(code)
    if not form.validate():
        return _editor(found, form), 422
    with unit_of_work():
        services.save_draft(queries.template(code), _content(form), by=acting(), at=clock.now())
    flash(_("Saved. The samples below show the draft as it is now."), "good")
    return redirect(url_for("credentials.edit_template", code=code))


@bp.post("/issuing/templates/<code>/preview")
@requires(Permission.DESIGN)
def preview_template(code: str) -> Answer:
    """Draw both samples of what the author typed without keeping any of it."""
    form = TemplateForm()
    found = queries.template(code)
    if not form.validate():
        return _editor(found, form), 422
    return _editor(found, form, services.as_typed(found, _content(form), by=acting()))


def _content(form: TemplateForm) -> Content:
    words = {
        f"{name}_{language}": (form[f"{name}_{language}"].data or "") for name in WORDS for language in ("zh", "en")
    }
    return Content(
        wording={name: text.strip() for name, text in words.items()},
        html=(form.html.data or "").replace("\r\n", "\n"),
        css=(form.css.data or "").replace("\r\n", "\n"),
        source=((form.source_zh.data or "").strip(), (form.source_en.data or "").strip()),
        valid_months=form.valid_months.data,
        renew_from_days=form.renew_from_days.data,
        tag=form.tag.data,
    )


@bp.post("/issuing/templates/<code>/confirm")
@requires(Permission.CONFIRM_TEMPLATE)
def confirm_template(code: str) -> Answer:
    """Draw both samples of the draft that was seen and, where nothing is wrong, put it into force."""
    found = queries.template(code)
    seen = digest(found) if request.form.get("seen") == digest(found) else NOTHING
    drawn, problem = _drawn(found, sound=bool(seen) and not any(queries.faults(found)))
    if problem or drawn:
        raise ConflictError(problem or " ".join(drawn)) if problem else InvalidError(" ".join(drawn))
    with unit_of_work():
        services.confirm_template(queries.template(code), seen=seen, by=acting(), at=clock.now())
    flash(_("In force. Certificates issued from now on follow this version; earlier ones keep theirs."), "good")
    return redirect(url_for("credentials.template", code=code))


@bp.post("/issuing/templates/<code>/discard")
@requires(Permission.DESIGN)
def discard_template(code: str) -> BaseResponse:
    """Give a draft up."""
    with unit_of_work():
        services.discard_draft(queries.template(code), by=acting(), at=clock.now())
    flash(_("The draft is given up."), "good")
    return redirect(url_for("credentials.templates"))


@bp.get("/issuing/templates/<code>/compare/<other>")
@requires(Permission.DESIGN)
def compare_templates(code: str, other: str) -> str:
    """Show side by side what differs between two versions of a kind."""
    left, right = queries.template(other), queries.template(code)
    if left.kind is not right.kind:
        raise NotFoundError(_l("Only versions of one kind of certificate are compared."))
    parts = [
        (_("Wording"), difference(_as_lines(left), _as_lines(right))),
        (_("Page (HTML with named fields)"), difference(left.html.splitlines(), right.html.splitlines())),
        (_("Style sheet (CSS)"), difference(left.css.splitlines(), right.css.splitlines())),
    ]
    return render_template("credentials/template_compare.html", left=left, right=right, parts=parts, **_around(right))


def _as_lines(found: CertificateTemplate) -> list[str]:
    """Return the words and terms of a version, one a line."""
    lines = [f"{wording_templates.FIELDS[name]}: {text}" for name, text in found.wording.items() if text]
    months, days = found.valid_months, found.renew_from_days
    lines += [
        f"{_('Nature of the template')}: {wording_templates.TAGS[found.tag]}",
        f"{_('Source')}: {pick(found.source_zh, found.source_en)}",
    ]
    lines.append(_("Months of validity: %(months)s", months=months) if months else _("No end"))
    return [*lines, *([_("Renewal from %(days)s days before the end", days=days)] if days else [])]
