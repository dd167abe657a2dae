"""Clients in TypeScript, of @hey-api/openapi-ts and openapi-typescript with openapi-fetch, unedited and strict."""

import os
import re
import shutil
import urllib.request

import pytest

from crm.blueprints import PREFIX
from tests.support.programs import copy_programs, run, run_program

HEY, FETCH = "hey.js", "fetch.js"


@pytest.fixture(scope="module")
def compiled(server, typescript, tmp_path_factory):
    """The folder where both clients are made of the served description, and compiled with their programs."""
    folder = tmp_path_factory.mktemp("typescript")
    copy_programs((".ts", ".json", ".mjs"), folder)
    (folder / "node_modules").symlink_to(typescript)
    urllib.request.urlretrieve(f"{server.url}{PREFIX}/openapi.json", folder / "openapi.json")
    tools = typescript / ".bin"
    run(tools / "openapi-typescript", "openapi.json", "-o", "schema.d.ts", cwd=folder)
    run(tools / "openapi-ts", cwd=folder)
    run(tools / "tsc", "-p", ".", cwd=folder)
    return folder


@pytest.mark.parametrize("program", [HEY, FETCH])
def test_a_program_takes_a_quote_through_its_life(server, compiled, program):
    run_program(shutil.which("node"), compiled / "out" / program, server=server, cwd=compiled, **os.environ)


def test_nothing_is_dropped_and_nothing_doubled(compiled):
    types = (compiled / "hey" / "types.gen.ts").read_text()
    lead = re.search(r"export type LeadCreate = \{(.*?)\n\};", types, re.DOTALL)
    assert "person_id?:" in lead[1]
    assert "Writable" not in types
    assert "Readable" not in types
