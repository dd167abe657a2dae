"""The security log: lines of the log that say who has been let in or not, and who was given or lost a right.

Each has a name as its message: `auth.login`, `auth.login_failed`, `token.made`, `token.ended`, `password.changed`,
`role.changed`, `member.added`, `access.refused` and so on. Whoever does such a thing calls `security_event` when it
is done.
"""

import getpass
import logging
import os
from typing import Any

import click
from flask import has_request_context

from crm.operate.log import facts
from crm.operate.requests import who_and_where

_log = logging.getLogger("crm.security")


def security_event(name: str, **told: Any) -> None:
    """Write the line of an event: its name, who did it and from where, the request's id, and what else is `told`.

    What is told is ids, roles and other words of ours, never what a client sent. An event whose name ends in
    `failed` or `refused` is a warning. On the command line, who it was is the `operator`, the account of the system,
    and from where is the `command`.
    """
    level = logging.WARNING if name.endswith(("failed", "refused")) else logging.INFO
    if _log.isEnabledFor(level):
        _log.log(level, name, extra=facts(**(_by_request() if has_request_context() else _by_command()), **told))


def _by_request() -> dict[str, Any]:
    return who_and_where()


def _by_command() -> dict[str, Any]:
    context = click.get_current_context(silent=True)
    return {"operator": _operator(), "command": context.command_path if context else None}


def _operator() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return str(os.getuid())
