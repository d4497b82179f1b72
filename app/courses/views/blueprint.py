"""The blueprint that every page of courses hangs on, and what its views answer."""

from flask import Blueprint
from werkzeug.wrappers import Response

bp = Blueprint("courses", __name__, template_folder="../templates")
Answer = str | Response | tuple[str, int]
