"""`make bench`: which parts it measures, what it says where something is missing, what it keeps."""

import json
import os
import re
import subprocess
import sys
from functools import partial

import pytest

from benchmarks.options import Options
from benchmarks.results import keep
from benchmarks.run import PARTS, Part, main, parse
from tests.support.server import ROOT


@pytest.mark.parametrize(
    ("arguments", "names", "options"),
    [
        (
            [],
            [
                "floor",
                "batch",
                "changes",
                "contacts",
                "growth",
                "import",
                "load",
                "logs",
                "queries",
                "row-security",
                "sqlite",
                "webhooks",
            ],
            Options(),
        ),
        (["growth"], ["growth"], Options()),
        (["--base", "a1b2c3"], list(PARTS), Options(base="a1b2c3")),
        (["versions", "--base", "a1b2c3", "--rounds", "3"], ["versions"], Options("a1b2c3", 3)),
        (["load", "--minutes", "2"], ["load"], Options(minutes=2)),
    ],
)
def test_one_part_is_measured_or_all(arguments, names, options):
    assert parse(arguments) == (names, options)


@pytest.mark.parametrize("arguments", [["ceiling"], ["floor", "--rounds", "0"], ["floor", "--rounds", "many"]])
def test_what_is_no_part_and_no_number_of_rounds_is_refused(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        parse(arguments)
    assert stopped.value.code == 2
    assert arguments[-1] in capsys.readouterr().err


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bench PART=versions BASE=a1b2c3 ROUNDS=3", (["versions"], Options("a1b2c3", 3))),
        ("load", (["load"], Options())),
        ("load MINUTES=3", (["load"], Options(minutes=3))),
    ],
)
def test_make_passes_on_what_is_asked_for(asked, expected):
    command = ["make", "--dry-run", *asked.split()]
    shown = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    arguments = re.search(r"-m benchmarks\.run (.*)", shown)[1].split()
    assert parse(arguments) == expected


def test_what_had_to_hold_and_did_not_ends_the_run_with_a_line(monkeypatch, tmp_path):
    kept = tmp_path / "results.json"
    monkeypatch.setattr("benchmarks.run.keep", partial(keep, path=kept))
    part = Part(lambda _: {"ratio": 0.9}, (), lambda figures: [f"logs: {figures['ratio']}"])
    monkeypatch.setitem(PARTS, "logs", part)
    with pytest.raises(SystemExit) as stopped:
        main(["logs"])
    assert stopped.value.code == "logs: 0.9"
    assert json.loads(kept.read_text()) == {"logs": {"ratio": 0.9}}


def test_each_thing_that_is_missing_is_a_line():
    nowhere = {
        "PATH": "",
        "CRM_TEST_POSTGRES_URL": "postgresql://somebody@127.0.0.1:1/crm",
        "CRM_TEST_REDIS_URL": "redis://127.0.0.1:1/0",
    }
    command = [sys.executable, "-m", "benchmarks.run", "--base", "no-such-commit"]
    ended = subprocess.run(command, cwd=ROOT, env={**os.environ, **nowhere}, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (1, "")
    expected = ["wrk ", "CRM_TEST_POSTGRES_URL", "CRM_TEST_REDIS_URL", "BASE=no-such-commit"]
    lines = ended.stderr.splitlines()
    assert [name in line for name, line in zip(expected, lines, strict=True)] == [True] * 4


def test_versions_without_a_base_are_refused():
    command = [sys.executable, "-m", "benchmarks.run", "versions-sqlite"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "BASE=<commit>" in ended.stderr


def test_a_part_takes_the_place_of_its_earlier_figures_alone(tmp_path):
    kept = tmp_path / "results.json"
    keep("floor", {"list": 1}, kept)
    keep("growth", {"show": 2}, kept)
    keep("floor", {"create": 3}, kept)
    assert json.loads(kept.read_text()) == {"floor": {"create": 3}, "growth": {"show": 2}}


def test_the_readme_names_every_part():
    figures = (ROOT / "README.md").read_text().split("\n## Figures\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| `([a-z-]+)` \|", figures, re.MULTILINE) == list(PARTS)
