"""What the performance room gives to the house."""

from app.cases.kinds import RestrictionKind
from app.core.room import NavItem, Room
from app.core.text import _l
from app.performance.access import GRANTS, Permission
from app.performance.commands import decide, group
from app.performance.desk import NOTICES, expected
from app.performance.jobs import JOBS
from app.performance.rules import indicators
from app.performance.services.recounting import RECTIFICATION
from app.performance.signals import SUBSCRIBERS
from app.performance.states import APPRAISAL, CYCLE, DECIDING, INSPECTING, REPORTING, TAKING_PART
from app.performance.views import bp
from app.rulebook.kinds import RuleKind

room = Room(
    name="performance",
    blueprints=(bp,),
    navigation=(NavItem(_l("Appraisal"), "performance.index", Permission.VIEW, "rosette-discount-check", 32),),
    grants=GRANTS,
    events={
        "performance.cycle_opened": _l("Cycle proposed"),
        "performance.cycle_confirmed": _l("Cycle confirmed: %(bases)s bases are asked to report"),
        "performance.left_out": _l("%(base)s takes no part: restriction %(restriction)s"),
        "performance.cycle_closed": _l("Cycle closed: every base is settled"),
        "performance.asked": _l("Self-report asked for"),
        "performance.submitted": _l("Self-report submitted"),
        "performance.returned": _l("Self-report returned"),
        "performance.checked": _l("Local check confirmed"),
        "performance.computing": _l("Computation started: %(bases)s bases"),
        "performance.graded": _l("Computed: score %(score)s"),
        "performance.published": _l("Grade proposed"),
        "performance.publicity_passed": _l("Publicity period passed"),
        "performance.reopened": _l("To be computed again after an upheld objection"),
        "performance.confirmed": _l("Grade confirmed: score %(score)s"),
        "performance.warned": _l("Fail confirmed, rectification demanded: score %(score)s"),
        "performance.rectify_recounted": _l(
            "Rectification until %(due)s, before %(was)s: counted anew with the holidays of %(year)s (%(source)s)"
        ),
        "performance.rectified": _l("Rectification reported"),
        "performance.accepted": _l("Rectification accepted"),
        "performance.demanded": _l("Rectification returned"),
        "performance.exit_proposed": _l("Fail confirmed again, exit proposed: score %(score)s"),
        "performance.exited": _l("Exit ordered"),
    },
    subscribers=SUBSCRIBERS,
    counted_days=(RECTIFICATION,),
    todo_kinds={
        "performance.confirm_cycle": _l("Confirm the appraisal cycle of %(year)s"),
        "performance.report": _l("Write the self-report of %(base)s for %(year)s"),
        "performance.check": _l("Check the self-report of %(base)s for %(year)s"),
        "performance.compute": _l("Compute the checked bases of the appraisal of %(year)s"),
        "performance.confirm": _l("Confirm the grade of %(base)s for %(year)s"),
        "performance.rectify": _l("Report the rectification of %(base)s for %(year)s"),
        "performance.review": _l("Review the rectification of %(base)s for %(year)s"),
        "performance.exit": _l("Decide on the exit of %(base)s after the appraisal of %(year)s"),
    },
    todo_sources=(expected,),
    notices=NOTICES,
    jobs=JOBS,
    rule_kinds=(
        RuleKind(
            indicators.KIND,
            _l("Appraisal of training bases"),
            indicators.Appraisal,
            indicators.sentences,
            judge=indicators.judge,
            facts=indicators.FACTS,
            reasons=indicators.REASONS,
        ),
    ),
    restrictions=(
        RestrictionKind(TAKING_PART, _l("No part in the appraisal of training bases"), "organisation"),
        RestrictionKind(REPORTING, _l("No self-report or rectification of a base may be handed in"), "person"),
        RestrictionKind(INSPECTING, _l("No self-report may be checked on the spot"), "person"),
        RestrictionKind(DECIDING, _l("Nothing may be decided in the appraisal of bases"), "person"),
    ),
    lifecycles=(CYCLE, APPRAISAL),
    commands=(decide, group),
)
