"""The command line `flask crm …` (contract, section 9)."""

from flask import Flask

from crm.commands import (  # noqa: F401 (each adds its commands to the group)
    accounts,
    backup,
    data,
    deliver,
    doctor,
    personal,
    prune,
    setup,
    tokens,
    transfer,
)
from crm.commands.group import crm


def init_app(app: Flask) -> None:
    """Add the commands to the `flask` command line."""
    app.cli.add_command(crm)
