"""One database for each of two commits, with the same rows: the base fills one, and its copy is brought up to date."""

import contextlib
import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from benchmarks.data import Database, created, flask, settle
from benchmarks.trees import Tree, environ

ON_POSTGRES = 'postgres("crm_bench_base", {leads})'
ON_SQLITE = "embedded({leads})"
_HOLD = """
import json, sys
from benchmarks import data
with data.{maker} as database:
    print(json.dumps([database.url, database.token]), flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def filled_by(tree: Tree, maker: str) -> Iterator[Database]:
    """Give the database that a call to the tree's own benchmarks/data.py makes: its migrations, its SQL."""
    command = [tree.python, "-c", _HOLD.format(maker=maker)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tree.root, env=environ(), stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        if not (line := process.stdout.readline()):
            raise RuntimeError("The base could not fill its database.")
        yield Database(*json.loads(line))


@contextlib.contextmanager
def copied_on_postgres(base: Database) -> Iterator[Database]:
    """Give a copy of a PostgreSQL database, brought up to date. No one may be connected to the original."""
    name = make_url(base.url).database
    with created(f"{name}_new", template=str(name)) as url:
        bring_up_to_date(url)
        for each in (base.url, url):
            pack(each)
        yield Database(url, base.token)


@contextlib.contextmanager
def copied_on_sqlite(base: Database) -> Iterator[Database]:
    """Give a copy of an SQLite database, brought up to date."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "crm.sqlite3")
        original = sqlite3.connect(str(make_url(base.url).database))
        with contextlib.closing(original), contextlib.closing(sqlite3.connect(file)) as copy:
            original.backup(copy)
        url = f"sqlite:///{file}"
        bring_up_to_date(url)
        yield Database(url, base.token)


def bring_up_to_date(url: str) -> None:
    """Run this tree's migrations on a database, or stop with what may be wrong."""
    try:
        flask(url, "db", "upgrade")
    except subprocess.CalledProcessError:
        sys.exit("This tree's migrations do not fit the base's database: name a commit that this tree descends from.")


def pack(url: str) -> None:
    """Write the tables anew, so that rows which a migration has changed lie as close as those which none has."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM FULL")
    settle(url)
