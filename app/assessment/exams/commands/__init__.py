"""Commands of the exams room: `exams ...`, one file each."""

from flask.cli import AppGroup

from app.assessment.exams.commands.analyse import analyse

group = AppGroup("exams", help="Exams: analyse answers.")
group.add_command(analyse)
