"""The blueprint of the titles room."""

from flask import Blueprint
from werkzeug.wrappers import Response

bp = Blueprint("titles", __name__, url_prefix="/titles", template_folder="../templates")
Answer = str | Response | tuple[str, int]
