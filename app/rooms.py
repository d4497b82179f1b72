"""The rooms of the house, lowest first; there is no other registry."""

from app.accounts.room import room as accounts
from app.api.room import room as api
from app.assessment.certification.room import room as certification
from app.assessment.credit.room import room as credit
from app.assessment.exams.room import room as exams
from app.assessment.titles.room import room as titles
from app.ballots.room import room as ballots
from app.bases.room import room as bases
from app.cases.room import room as cases
from app.cli.room import room as cli
from app.courses.room import room as courses
from app.credentials.room import room as credentials
from app.desk.room import room as desk
from app.evidence.room import room as evidence
from app.items.room import room as items
from app.panels.room import room as panels
from app.performance.room import room as performance
from app.rulebook.room import room as rulebook

ROOMS = (
    accounts,
    desk,
    rulebook,
    items,
    cases,
    evidence,
    ballots,
    panels,
    credentials,
    bases,
    courses,
    exams,
    certification,
    credit,
    titles,
    performance,
    api,
    cli,
)
