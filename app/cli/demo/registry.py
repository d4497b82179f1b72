"""The order in which the demo is made; every room's step stands here."""

from app.cli.demo import (
    ballots,
    bases,
    certificates,
    courses,
    criteria,
    evidence,
    exams,
    issuers,
    items,
    organisations,
    own_data,
    panels,
    people,
    regions,
    rules,
    security,
)
from app.cli.demo.step import Step

STEPS: tuple[Step, ...] = (
    Step("regions", regions.load),
    Step("organisations", organisations.load),
    Step("people", people.load),
    Step("security", security.load),
    Step("rules", rules.load),
    Step("bases", bases.load),
    Step("issuers", issuers.load),
    Step("items", items.load),
    Step("spring cohort", courses.load_spring),
    Step("summer exam", exams.load_summer),
    Step("certificates", certificates.load),
    Step("evidence", evidence.load),
    Step("criteria", criteria.load),
    Step("present cohort", courses.load_present),
    Step("open exam", exams.load_open),
    Step("ballots", ballots.load),
    Step("expert pool", panels.load_pool),
    Step("panels", panels.load_panels),
    Step("committee meeting", panels.load_meeting),
    Step("own data", own_data.load),
)
