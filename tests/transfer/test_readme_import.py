"""The worked import of the README gives what is shown there."""

import re
import subprocess
import sys
from pathlib import Path

from tests.support.databases import SECRET_KEY, seeded_database
from tests.support.server import ROOT, own_environ

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def test_the_import_of_the_readme_is_a_real_one(tmp_path: Path) -> None:
    section = (ROOT / "README.md").read_text().split("\n## Import your data\n")[1].split("\n## ")[0]
    blocks = BLOCK.findall(section)
    people, leads = (text for kind, text in blocks if kind == "csv")
    (tmp_path / "people.csv").write_text(people)
    (tmp_path / "leads.csv").write_text(leads)
    settings = {"CRM_DATABASE_URL": seeded_database("sqlite"), "CRM_SECRET_KEY": SECRET_KEY, "PYTHONPATH": str(ROOT)}
    environ = own_environ(settings)
    environ["PATH"] = f"{Path(sys.executable).parent}:{environ['PATH']}"
    script = "".join(text for kind, text in blocks if kind == "shell")
    shown = "".join(text for kind, text in blocks if kind == "none")
    run = subprocess.run(
        ["bash"], input=script, cwd=tmp_path, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert run.stdout == shown
