"""The order in which the demo is made; every room's step stands here."""

from app.cli.demo import bases, courses, issuers, items, organisations, people, regions, rules
from app.cli.demo.step import Step

STEPS: tuple[Step, ...] = (
    Step("regions", regions.load),
    Step("organisations", organisations.load),
    Step("people", people.load),
    Step("rules", rules.load),
    Step("bases", bases.load),
    Step("issuers", issuers.load),
    Step("items", items.load),
    Step("courses", courses.load),
)
