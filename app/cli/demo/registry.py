"""The order in which the demo is made; every room's step stands here."""

from app.cli.demo import (
    bases,
    cases,
    certificates,
    courses,
    exams,
    issuers,
    items,
    organisations,
    people,
    regions,
    rules,
)
from app.cli.demo.step import Step

STEPS: tuple[Step, ...] = (
    Step("regions", regions.load),
    Step("organisations", organisations.load),
    Step("people", people.load),
    Step("rules", rules.load),
    Step("bases", bases.load),
    Step("issuers", issuers.load),
    Step("items", items.load),
    Step("spring cohort", courses.load_spring),
    Step("summer exam", exams.load_summer),
    Step("certificates", certificates.load),
    Step("present cohort", courses.load_present),
    Step("open exam", exams.load_open),
    Step("cases", cases.load),
)
