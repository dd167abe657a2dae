"""The files of an installation without other servers: the database and the secret key, for their owner alone."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event

from crm.extensions import db

DATABASE = "crm.sqlite3"
SECRET_KEY = "secret_key"  # noqa: S105 (the name of the file)
_OWNER_ALONE = 0o600
_BESIDE_DATABASE = ("", "-wal", "-shm")  # SQLite gives new ones the mode of the database


def init_app(app: Flask) -> None:
    """Have the files of an SQLite database kept from others. Expects the database to be bound."""
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        event.listen(engine, "do_connect", _before_connecting)
    if str(engine.url) == embedded_database(app.instance_path):
        _make_folder(Path(app.instance_path))


def embedded_database(instance_path: str) -> str:
    """Return the URL of the database in the instance folder."""
    return f"sqlite:///{Path(instance_path, DATABASE)}"


def kept_secret_key(instance_path: str) -> str:
    """Return the secret key kept in the instance folder, making it on first use."""
    path = Path(instance_path, SECRET_KEY)
    if not path.exists():
        _make_folder(path.parent)
        with tempfile.NamedTemporaryFile("w", dir=path.parent) as draft:  # readable by its owner alone
            draft.write(secrets.token_urlsafe(48))
            draft.flush()
            with suppress(FileExistsError):  # where another process was first, its key counts
                os.link(draft.name, path)
    return path.read_text()


def keep_private(database: str) -> None:
    """Make a database's file where there is none, and take what there is from all but its owner.

    What cannot be done is left to SQLite to report, and a file of another owner as it is.
    """
    with suppress(OSError):
        os.close(os.open(database, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _OWNER_ALONE))
    for suffix in _BESIDE_DATABASE:
        with suppress(OSError):
            Path(database + suffix).chmod(_OWNER_ALONE)


def _make_folder(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def _before_connecting(_dialect: Any, _record: Any, arguments: list[str], _options: Any) -> None:
    if arguments[0] != ":memory:" and not arguments[0].startswith("file:"):
        keep_private(arguments[0])
