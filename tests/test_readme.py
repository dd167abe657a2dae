"""The README is true: its examples run as they stand, and its tables say what the code says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from crm.blueprints import RESOURCES
from crm.commands import setup
from crm.config import PREFIX, load_settings
from crm.database.faults import RETRY_SECONDS
from crm.database.migrations import known_revisions
from crm.http.errors import MESSAGES
from crm.operate.start import VERSION
from tests.support.databases import SECRET_KEY
from tests.support.server import ROOT, own_environ

README = (ROOT / "README.md").read_text()
BLOCK = re.compile(r"^```(sh|json|text)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
END_OF_ANSWER = "\0"
CHOSEN = "chosen for the examples"
OF_BASH = {
    *(
        "LINES",
        "COLUMNS",
        "SECONDS",
        "RANDOM",
        "SRANDOM",
        "EPOCHSECONDS",
        "LINENO",
        "REPLY",
        "GROUPS",
        "UID",
        "EUID",
        "PPID",
    ),
    *("EUID", "OPTARG", "OPTIND", "OPTERR", "DIRSTACK", "FUNCNAME", "HISTCMD", "PIPESTATUS", "SHLVL", "SHELLOPTS"),
    *(
        "MAPFILE",
        "COPROC",
        "HOSTNAME",
        "HOSTTYPE",
        "MACHTYPE",
        "OSTYPE",
        "IFS",
        "PATH",
        "PWD",
        "OLDPWD",
        "HOME",
        "MAIL",
    ),
    *("LANG", "TMOUT", "TIMEFORMAT", "PROMPT_COMMAND", "PS1", "PS2", "PS3", "PS4", "ENV", "CDPATH", "INPUTRC"),
}
"""Variables that bash sets or reads by itself, some of them only where it is interactive."""


def section(title):
    """Return what stands under a heading, up to the next one of its level."""
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(title):
    """Return the rows of the table in a section, each as a list of its cells."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def code(names):
    return ", ".join(f"`{name}`" for name in names)


def examples():
    """Return the commands of the README in order, each block with the answer that is shown below it."""
    found = []
    for kind, text in BLOCK.findall(README):
        if kind == "sh":
            found.append([text, ""])
        else:
            found[-1][1] = text
    return found


def normalized(text):
    """Return a text in which ids, tokens and moments are numbered, so that two runs can be compared."""
    seen = {}

    def number(kind):
        return lambda match: seen.setdefault(match[0], f"<{kind} {len(seen)}>")

    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", number("id"), text)
    text = re.sub(r"[0-9]+\|[\w.-]{40,}", number("token"), text)
    text = re.sub(r'"[0-9]+-[0-9a-f]{24}"', number("tag"), text)
    text = re.sub(r'("token": \{\s+"id": )[0-9]+', r"\1<id>", text)  # one more where a start has printed one
    return re.sub(r'(_at": )"[0-9T:+-]{25}"', r'\1"<now>"', text)


@pytest.mark.usefixtures("curl")
def test_the_examples_answer_what_the_readme_shows(serving, tmp_path):
    environ = {
        "CRM_DATABASE_URL": f"sqlite:///{tmp_path / 'crm.sqlite3'}",
        "CRM_SECRET_KEY": SECRET_KEY,
        "CRM_FIRST_PASSWORD": CHOSEN,
        "CRM_RATELIMIT_AUTHENTICATED": "1000 per minute",  # nobody pastes so fast
    }
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    setup = [sys.executable, "-m", "flask", "--app", "wsgi", "crm", "setup"]
    subprocess.run(setup, cwd=ROOT, env=own_environ(environ), capture_output=True, check=True)
    shown = examples()
    script = f"\nprintf '\\{END_OF_ANSWER!a}'\n".join(commands for commands, _ in shown)
    script = script.replace("the password that make run printed", CHOSEN)
    with serving(environ) as server:
        script = script.replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")
        run = subprocess.run(["bash", "-eu"], input=script, env={"PATH": path}, capture_output=True, text=True)
    answers = run.stdout.replace(f"127.0.0.1:{server.port}", "127.0.0.1:8000")
    assert run.stderr == ""
    expected = END_OF_ANSWER.join(answer for _, answer in shown)
    assert normalized(answers).split(END_OF_ANSWER) == normalized(expected).split(END_OF_ANSWER)


def test_no_example_uses_a_variable_of_the_shell():
    blocks = re.findall(r"^```(?:sh|shell)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    used = {name for block in blocks for name in re.findall(r"^ *(?:export |for )?([A-Za-z_]+)(?:=| in )", block, re.M)}
    assert {"ANSWER", "TOKEN", "NAME", "TEAM"} <= used
    assert not used & OF_BASH


@pytest.mark.parametrize("text", [README, (ROOT / "deploy" / "nginx.conf").read_text()], ids=["README", "deploy"])
def test_nginx_answers_as_the_api_does(text):
    messages = re.findall(r"""return (\d+) '{"message":"([^"]*)".*}';""", text)
    assert messages == [(str(code), MESSAGES[code]) for code in (413, 503)]
    assert f"add_header Retry-After {RETRY_SECONDS} always;" in text


def test_compose_passes_every_setting_on_and_none_with_a_default_that_turns_teams_off():
    shown = re.findall(r"^    (CRM_\w+):(.*)$", (ROOT / "compose.yaml").read_text(), re.MULTILINE)
    assert sorted(f"`{name}`" for name, _ in shown) == sorted(row[0] for row in rows("Settings"))
    assert dict(shown)["CRM_TEAMS"] == ""


def test_the_table_of_resources_is_the_registry():
    expected = []
    for kind in RESOURCES:
        column, prefix = kind.model.number or (None, None)
        required = [name for name, field in kind.schema().load_fields.items() if field.required]
        expected.append(
            [
                f"`/{kind.model.__tablename__}`",
                f"`{column}`: {prefix}1001" if column else "",
                code(required),
                code(kind.model.sorts),
                code(kind.filters),
            ]
        )
    assert rows("Resources") == expected


def test_the_table_of_settings_is_what_is_read(tmp_path):
    read = []

    class Environ(dict):
        def get(self, name, default=None):
            read.append(name)
            return super().get(name, default)

    load_settings(Environ(), str(tmp_path))
    assert all(name.startswith(PREFIX) for name in read)
    assert sorted(row[0] for row in rows("Settings")) == sorted(f"`{name}`" for name in read)


def test_the_line_of_the_start_names_the_migration_of_this_code():
    assert re.findall(r"^CRM ([\d.]+): database .*, migration (\d+),", README, re.MULTILINE) == [
        (VERSION, known_revisions()[-1])
    ]


def test_the_table_of_commands_names_every_command_and_option():
    shown = {row[0].split()[1].strip("`"): row[0] for row in rows("Commands") if row[0].startswith("`crm ")}
    assert set(shown) == set(setup.crm.commands)
    options = [
        (name, option)
        for name, command in setup.crm.commands.items()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("-")
    ]
    assert ("create-user", "--role") in options
    assert [(name, option) for name, option in options if option not in shown[name]] == []
