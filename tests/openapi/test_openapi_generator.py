"""Clients in Python and Go that OpenAPI Generator makes of the description, unedited."""

import os
import shutil
import sys

from crm.blueprints import PREFIX
from tests.support.programs import PROGRAMS, copy_programs, run, run_program


def generate(jar, server, language, folder, options):
    """Make a client of the description that a server serves."""
    url = f"{server.url}{PREFIX}/openapi.json"
    run("java", "-jar", jar, "generate", "-g", language, "-i", url, "-o", folder, *options, cwd=folder.parent)


def test_the_client_in_python(server, openapi_generator, tmp_path):
    folder = tmp_path / "python"
    generate(openapi_generator, server, "python", folder, ["--package-name", "crm_client"])
    environ = {**os.environ, "PYTHONPATH": str(folder)}
    run_program(sys.executable, PROGRAMS / "program.py", server=server, cwd=folder, **environ)


def test_the_client_in_go(server, openapi_generator, go, tmp_path):
    folder = tmp_path / "go"
    generate(openapi_generator, server, "go", folder, ["--package-name", "crm"])
    shutil.rmtree(folder / "test")  # the only files that need a package from elsewhere
    (folder / "go.mod").write_text("module example.com/crm\n\ngo 1.19\n")
    copy_programs((".go",), folder / "program")
    run(go, "build", "-o", "run", "./program", cwd=folder)
    run_program(folder / "run", server=server, cwd=folder)
