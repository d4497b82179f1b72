"""The blueprint of the panels room."""

from flask import Blueprint
from werkzeug.wrappers import Response

bp = Blueprint("panels", __name__, template_folder="../templates")
Answer = str | Response | tuple[str, int]
