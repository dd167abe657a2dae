"""Runs tools that make clients, and the programs in `tests/openapi/programs` that use what they have made."""

import shutil
import subprocess
from pathlib import Path

from crm.blueprints import PREFIX
from tests.support.factories import PASSWORD
from tests.support.owner import OWNER
from tests.support.server import ROOT, Server

PROGRAMS = ROOT / "tests" / "openapi" / "programs"


def run(*command: str | Path, cwd: Path, **environ: str) -> str:
    """Run a command and return what it prints, at last to stdout; fail with all of it if it fails."""
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=environ or None, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-10_000:]
    return done.stderr + done.stdout


def run_program(*command: str | Path, server: Server, cwd: Path, **environ: str) -> None:
    """Run a program against a server; fail unless it comes to its end."""
    printed = run(*command, server.url + PREFIX, OWNER, PASSWORD, cwd=cwd, **environ)
    assert printed.splitlines()[-1] == "done", printed


def copy_programs(suffixes: tuple[str, ...], folder: Path) -> None:
    """Copy the programs with these suffixes into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in PROGRAMS.iterdir():
        if path.suffix in suffixes:
            shutil.copy(path, folder)
