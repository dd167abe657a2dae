"""The tree of an earlier commit, and the Python that runs it."""

import subprocess
import sys

import pytest

from benchmarks import trees


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository in the place of this one, with a commit, after which a requirement and a file have come."""
    (tmp_path / "requirements.txt").write_text("flask==3.1.3  # a comment\n\nredis==8.1.0\n")
    (tmp_path / "wsgi.py").write_text("then\n")
    for command in ("init --quiet", "add .", "-c user.name=A -c user.email=a@example.com commit --quiet -m Then"):
        subprocess.run(["git", *command.split()], cwd=tmp_path, check=True)
    (tmp_path / "requirements.txt").write_text("flask==3.1.3\nredis==8.1.0\norjson==3.13.0\n")
    (tmp_path / "wsgi.py").write_text("now\n")
    monkeypatch.setattr(trees, "HERE", trees.Tree(tmp_path, sys.executable))
    return tmp_path


def test_a_commit_is_exported_and_removed(repository):
    with trees.exported("HEAD") as tree:
        assert (tree.root / "wsgi.py").read_text() == "then\n"
        assert tree.python == sys.executable
    assert not tree.root.exists()
    assert (repository / "wsgi.py").read_text() == "now\n"


def test_a_commit_that_requires_something_else_gets_an_environment(repository, monkeypatch, tmp_path):
    (repository / "requirements.txt").write_text("flask==3.2.0\nredis==8.1.0\n")
    made = []
    monkeypatch.setattr(trees.venv, "create", lambda folder, **_: made.append(folder))
    monkeypatch.setattr(trees.subprocess, "run", lambda command, **_: made.append(command[-1]))
    root = tmp_path / "then"
    root.mkdir()
    (root / "requirements.txt").write_text("flask==3.1.3\n")
    environment = tmp_path / "environment"
    assert trees.python_for(root, environment) == str(environment / "bin" / "python")
    assert made == [environment, root / "requirements.txt"]


def test_a_tree_that_is_not_as_committed_is_marked_but_for_its_figures(repository):
    name = trees.name_of("HEAD")
    assert trees.name_of_this() == f"{name}-dirty"
    trees.git("checkout", "--quiet", "--", ".")
    (repository / "benchmarks").mkdir()
    (repository / "benchmarks" / "results.json").write_text("{}")
    assert trees.name_of_this() == name


def test_settings_of_the_shell_do_not_reach_what_is_measured(monkeypatch):
    monkeypatch.setenv("CRM_TEAMS", "true")
    monkeypatch.setenv("CRM_TEST_REDIS_URL", "redis://elsewhere")
    environ = trees.environ(CRM_DATABASE_URL="sqlite://")
    named = {name: value for name, value in environ.items() if name.startswith("CRM_")}
    assert named.items() >= {"CRM_DATABASE_URL": "sqlite://", "CRM_TEST_REDIS_URL": "redis://elsewhere"}.items()
    assert all(name.startswith("CRM_TEST_") for name in named if name != "CRM_DATABASE_URL")
