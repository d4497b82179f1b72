"""The blueprint that the views of the rulebook hang on."""

from flask import Blueprint

bp = Blueprint("rulebook", __name__, url_prefix="/rules", template_folder="../templates")
