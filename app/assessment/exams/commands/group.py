"""The group that the commands of exams hang on."""

from flask.cli import AppGroup

group = AppGroup("exams", help="Exam papers, sessions and their statistics.")
