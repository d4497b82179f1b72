"""The parameters of a level in an exam pack, as tests vary them."""

from typing import Any

LEVEL: dict[str, Any] = {
    "level": "junior",
    "pass_share": "0.6",
    "least_items": 10,
    "least_minutes": 20,
    "most_minutes": 180,
    "course_completed": False,
    "hours_met": False,
    "cool_off_days": 30,
}
