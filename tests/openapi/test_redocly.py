"""Redocly has nothing to say against the description, by its recommended rules."""

import os

import orjson

from tests.support.described import description
from tests.support.programs import run
from tests.support.server import ROOT


def test_redocly_finds_nothing(redocly, tmp_path):
    path = tmp_path / "openapi.json"
    path.write_bytes(orjson.dumps(description()))
    environ = {**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    printed = run(redocly, "lint", "--config", ROOT / "redocly.yaml", path, cwd=tmp_path, **environ)
    assert "warning" not in printed.partition("validating")[2]
    assert "Your API description is valid." in printed
