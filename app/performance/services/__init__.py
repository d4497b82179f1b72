"""Writes of the performance room."""

from app.performance.services.cycles import confirm_cycle, open_cycle
from app.performance.services.grading import compute, grade, start_computation
from app.performance.services.outcomes import (
    accept,
    confirm,
    demand_again,
    order_exit,
    publish,
    rectify,
)
from app.performance.services.reports import attach, check, keep, send_back, submit

__all__ = [
    "accept",
    "attach",
    "check",
    "compute",
    "confirm",
    "confirm_cycle",
    "demand_again",
    "grade",
    "keep",
    "open_cycle",
    "order_exit",
    "publish",
    "rectify",
    "send_back",
    "start_computation",
    "submit",
]
