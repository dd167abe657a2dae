"""The group of commands `flask crm …`."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import click
from flask.cli import AppGroup

from crm.database.faults import database_errors, describe, fault_of
from crm.operate.fitness import CHECKS, Check, find_fault, read_state


class Commands(AppGroup):
    """Commands that end with one line where the database is away, or none that they can work on."""

    def command(  # type: ignore[override]
        self, *args: Any, checks: Sequence[Check] = CHECKS, **kwargs: Any
    ) -> Callable[[Any], click.Command]:
        """Return what adds a function as a command that runs once the database has passed `checks`."""
        add = super().command(*args, **kwargs)
        return lambda function: add(_checked(function, checks))


crm = Commands("crm", help="Run the CRM: users, teams, tokens, look-up tables.", short_help="Run the CRM.")


def _checked(function: Callable[..., None], checks: Sequence[Check]) -> Callable[..., None]:
    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> None:
        if checks and (fault := _fault(checks)):
            raise click.ClickException(fault)
        try:
            function(*args, **kwargs)
        except database_errors() as error:
            if (unusable := fault_of(error)) is None:
                raise
            raise click.ClickException(f"{unusable.value} {describe(error)}") from None

    return run


def _fault(checks: Sequence[Check]) -> str | None:
    """Return what is wrong with the database. One that is away is left to the command, which may not need it."""
    try:
        return find_fault(read_state(), checks)
    except database_errors() as error:
        if fault_of(error) is None:
            raise
        return None
