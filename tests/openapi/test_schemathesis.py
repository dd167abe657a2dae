"""Requests that schemathesis makes up from the description, sent to a live server: answers and description agree.

`make soak` sends many times as many: CRM_TEST_EXAMPLES is how many for each operation.
"""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from crm.blueprints import PREFIX
from tests.support.factories import PASSWORD
from tests.support.owner import SPARE
from tests.support.server import ROOT

QUICK = 3
EXAMPLES = int(os.environ.get("CRM_TEST_EXAMPLES", QUICK))


@pytest.mark.parametrize(
    ("phases", "examples"),
    [("examples,fuzzing" if EXAMPLES == QUICK else "examples,coverage,fuzzing", EXAMPLES), ("stateful", EXAMPLES + 40)],
    ids=["each operation", "stateful"],
)
def test_no_request_is_answered_otherwise_than_described(server, phases, examples):
    api = server.url + PREFIX
    run = {"api": api, "token": server.token, "email": SPARE, "password": PASSWORD}
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml", "run"]
    options = ["--checks", "all", "--max-examples", str(examples), "--phases", phases, "--no-color", "--seed", "1"]
    done = subprocess.run(
        [*command, f"{api}/openapi.json", *options],
        cwd=Path(__file__).parents[1] / "support",
        env={**os.environ, "CRM_TEST_RUN": json.dumps(run), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-20000:] + done.stderr
    assert is_accepted(api, server.token)  # the run was not a run of 401s


def is_accepted(api, token):
    request = urllib.request.Request(f"{api}/auth/me", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request) as answer:
        return answer.status == 200
