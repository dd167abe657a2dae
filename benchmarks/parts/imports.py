"""Importing a CSV of 100,000 leads with keys into SQLite, and the same file once more, which has to write nothing."""

import csv
import hashlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from benchmarks.data import EMAIL, SECRET_KEY, prepare
from benchmarks.options import Options
from benchmarks.trees import HERE, environ

LEADS = 100_000
ORGANIZATIONS = 1_000
KEYED = ("--source", "hubspot", "--key", "key")
HEADER = (
    *("key", "title", "description", "amount", "expected_close", "lead_source_id", "pipeline_stage_id", "labels"),
    *("user_owner_id", "organization_id"),
)


class Run(NamedTuple):
    """How long a command took, the most memory it held, and what it said."""

    seconds: float
    megabytes: float
    said: str


def measure(_: Options) -> dict[str, float]:
    """Return seconds and megabytes of the first run, and seconds of the second."""
    print(f"SQLite, leads: {LEADS:,} with key, organization, stage, source, owner and up to 2 labels")
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder, "crm.sqlite3")
        url = f"sqlite:///{database}"
        prepare(url)
        flask(url, "crm", "import", "organizations", write_organizations(Path(folder, "organizations.csv")), *KEYED)
        command = ("crm", "import", "leads", write_leads(Path(folder, "leads.csv")), *KEYED)
        first = flask(url, *command)
        written = digest(database)
        second = flask(url, *command)
        if not first.said.startswith(f"Added {LEADS},"):
            sys.exit(f"The first run says: {first.said}")
        if digest(database) != written:
            sys.exit("The second run has written.")
    figures = {
        "first_seconds": round(first.seconds, 1),
        "first_megabytes": round(first.megabytes),
        "unchanged_seconds": round(second.seconds, 1),
        "unchanged_megabytes": round(second.megabytes),
    }
    for name, value in figures.items():
        print(f"{name:24}{value:8.1f}")
    print(f"The second run says: {second.said.strip()} The database holds the same rows.")
    return figures


def write_organizations(path: Path) -> str:
    """Write a file of organizations and return its path."""
    return write(path, ("key", "name"), ((n, f"Organization {n}") for n in range(ORGANIZATIONS)))


def write_leads(path: Path) -> str:
    """Write a file of leads and return its path."""
    return write(path, HEADER, (lead(n) for n in range(LEADS)))


def lead(n: int) -> tuple[object, ...]:
    """Return one row."""
    source, stage = ("Website", "Referral", "Phone")[n % 3], ("New", "Contacted", "Qualified")[n % 3]
    closes, labels = f"2027-{1 + n % 12:02}-15T09:00:00Z", ("", "Hot", "Hot; Cold")[n % 3]
    amount = f"{n % 9_000 + 100}.50"
    organization = f"hubspot:{n % ORGANIZATIONS}"
    return n, f"Lead {n}", f"A description of lead {n}", amount, closes, source, stage, labels, EMAIL, organization


def write(path: Path, header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """Write a CSV file and return its path."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return str(path)


def flask(url: str, *command: str) -> Run:
    """Run a command on a database."""
    settings = environ(CRM_DATABASE_URL=url, CRM_SECRET_KEY=SECRET_KEY)
    start = time.perf_counter()
    process = subprocess.Popen(
        (HERE.python, "-m", "flask", "--app", "wsgi", *command),
        cwd=HERE.root, env=settings, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    said = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[1]} has ended with {process.returncode}.")
    kilobytes = usage.ru_maxrss / 1024 if sys.platform == "darwin" else usage.ru_maxrss
    return Run(time.perf_counter() - start, kilobytes * 1024 / 1e6, said)


def digest(database: Path) -> str:
    """Return a digest of all rows of a database, the team's sequence of changes among them."""
    total = hashlib.sha256()
    connection = sqlite3.connect(database)
    for line in connection.iterdump():
        total.update(line.encode())
    connection.close()
    return total.hexdigest()
