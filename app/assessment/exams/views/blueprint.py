"""The blueprints that the pages of exams hang on, and what their views answer."""

from flask import Blueprint
from werkzeug.wrappers import Response

bp = Blueprint("exams", __name__, url_prefix="/exams", template_folder="../templates")
sitting = Blueprint("sitting", __name__, url_prefix="/sit", template_folder="../templates")
Answer = str | Response | tuple[str, int]
