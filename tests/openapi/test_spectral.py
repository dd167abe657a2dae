"""Spectral, with every rule for OpenAPI, has nothing to say against the description."""

import subprocess

import orjson

from tests.support.described import description
from tests.support.server import ROOT


def test_spectral_finds_nothing(spectral, tmp_path):
    path = tmp_path / "openapi.json"
    path.write_bytes(orjson.dumps(description()))
    command = [spectral, "lint", "--ruleset", str(ROOT / ".spectral.yaml"), "--fail-severity", "hint", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No results" in done.stdout
