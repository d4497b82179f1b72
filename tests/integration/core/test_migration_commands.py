"""`flask db` hands its words to Flask-Migrate and answers as that does."""

import pytest
from flask import Flask

pytestmark = pytest.mark.one_database


def test_the_commands_of_migrations_are_listed_and_described(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["db", "--help"])

    assert done.exit_code == 0
    assert "Usage: flask db" in done.output
    assert {"upgrade", "downgrade", "current"} <= set(done.output.split())


def test_the_migrations_of_the_product_are_found(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["db", "heads"])

    assert done.exit_code == 0


@pytest.mark.parametrize("words", [["no-such-command"], ["upgrade", "--no-such-option"]])
def test_a_word_that_is_no_command_is_refused_as_a_wrong_use(app: Flask, words: list[str]) -> None:
    done = app.test_cli_runner().invoke(args=["db", *words])

    assert done.exit_code == 2
    assert f"No such {'option' if len(words) > 1 else 'command'}" in done.output
