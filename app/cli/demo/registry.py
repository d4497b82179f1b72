"""The order in which the demo is made; every room's step stands here."""

from app.cli.demo import organisations, people, regions
from app.cli.demo.step import Step

STEPS: tuple[Step, ...] = (
    Step("regions", regions.load),
    Step("organisations", organisations.load),
    Step("people", people.load),
)
