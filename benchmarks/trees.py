"""Trees of the project to run: this one, and that of an earlier commit in a temporary folder."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Tree(NamedTuple):
    """A folder with the project in it, and the Python that runs it."""

    root: Path
    python: str


HERE = Tree(Path(__file__).parent.parent, sys.executable)


def environ(**settings: str) -> dict[str, str]:
    """Return the environment with these settings of the API and no others."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("CRM_") or name.startswith("CRM_TEST_")
    }
    return {**kept, **settings}


@contextlib.contextmanager
def exported(commit: str) -> Iterator[Tree]:
    """Give the tree of a commit, and remove it at the end."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "tree")
        archive = Path(folder, "tree.zip")
        git("archive", "--output", str(archive), commit)
        shutil.unpack_archive(archive, root)
        yield Tree(root, python_for(root, Path(folder, "venv")))


def python_for(root: Path, environment: Path) -> str:
    """Return this Python if it has all that a tree requires, else one of an environment that is made for the tree."""
    requirements = root / "requirements.txt"
    if requirements_in(requirements) <= requirements_in(HERE.root / "requirements.txt"):
        return HERE.python
    print("Installing what the base requires")
    venv.create(environment, with_pip=True)
    python = str(environment / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", requirements], check=True)
    return python


def requirements_in(file: Path) -> set[str]:
    """Return the requirements of a file without their comments."""
    lines = (line.partition("#")[0].strip() for line in file.read_text().splitlines())
    return {line for line in lines if line}


def name_of(commit: str) -> str:
    """Return the short name of a commit."""
    return git("rev-parse", "--short", f"{commit}^{{commit}}").strip()


def name_of_this() -> str:
    """Return the short name of the commit that this tree is at, with a mark if it is not as committed."""
    changed = git("status", "--porcelain", "--", ".", ":!benchmarks/results.json")
    return name_of("HEAD") + ("-dirty" if changed else "")


def git(*command: str) -> str:
    """Run a git command in this tree and return its output. Raises OSError or CalledProcessError."""
    return subprocess.run(("git", *command), cwd=HERE.root, check=True, capture_output=True, text=True).stdout
