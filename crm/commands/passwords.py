"""How a command is given a password: asked for unseen, from standard input, or in its arguments."""

import functools
import sys
from collections.abc import Callable
from typing import Any

import click


def password_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add `--password [P]` and `--password-stdin` to a command, which gets `password`, None where neither is given."""

    @functools.wraps(function)
    def run(*args: Any, password: str | None, password_stdin: bool, **kwargs: Any) -> None:
        function(*args, password=_given(password, password_stdin), **kwargs)

    asking = click.option(
        "--password",
        prompt=True,
        prompt_required=False,  # only where it stands without a value
        hide_input=True,
        confirmation_prompt=True,
        help="Without a value it is asked for, unseen.",
    )
    reading = click.option("--password-stdin", is_flag=True, help="Read it from one line of standard input.")
    return asking(reading(run))


def ask_password() -> str:
    """Ask for a password, unseen and twice."""
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


def _given(password: str | None, from_stdin: bool) -> str | None:
    if from_stdin:
        if password is not None:
            raise click.UsageError("--password and --password-stdin exclude each other.")
        password = sys.stdin.readline().rstrip("\r\n")
    if password == "":
        raise click.UsageError("The password is empty.")
    return password
