"""The Flask extensions, made here and bound to an application by the factory."""

from pathlib import Path
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

MIGRATIONS = str(Path(__file__).parent.parent / "migrations")


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can alter it by name on both stores."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


class Migrations:
    """Stands for Flask-Migrate until one of its commands asks: serving never imports Alembic, a third of a start."""

    def __init__(self, app: Flask):
        self._app = app

    def __getattr__(self, name: str) -> Any:
        from flask_migrate import Migrate

        Migrate(self._app, db, directory=MIGRATIONS)  # takes this object's place
        return getattr(self._app.extensions["migrate"], name)
