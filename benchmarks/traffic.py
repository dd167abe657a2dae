"""Traffic as a company of many teams makes it: who sends, what they send and how often, all from a seed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

import psycopg

from benchmarks.data import PASSWORD, Database
from benchmarks.server import Request, Server, Timed

WEIGHTS = {"list": 30, "show": 33, "feed": 15, "update": 12, "create": 7, "batch": 2, "login": 1}
"""Of a hundred requests, how many are of each kind."""
_IN_A_BATCH = 10
_BATCH = 100
_LISTS = ("/leads", "/leads?sort=-amount", "/leads?filter[amount][gte]=1000&sort=-created_at", "/leads?search=lead")
_PEOPLE = """
INSERT INTO teams (name, created_at) SELECT 'Team ' || n, now() FROM generate_series(1, {teams}) n;
INSERT INTO users (name, email, password_hash, role, crm_access, current_team_id, created_at)
SELECT 'User ' || n, format('user.%s@example.com', n), password_hash, 'Viewer', true, 1 + n % {teams}, now()
FROM users, generate_series(1, {users}) n;
INSERT INTO memberships (user_id, team_id, role)
SELECT id, current_team_id, 'Manager' FROM users WHERE current_team_id IS NOT NULL;
"""


class Size(NamedTuple):
    """How many teams there are, users in all, and leads of each team at the beginning."""

    teams: int = 20
    users: int = 200
    leads: int = 500


@dataclass
class Team:
    """The ids of a team's leads."""

    leads: list[str] = field(default_factory=list)


@dataclass
class User:
    """Who sends: an address, the team, a token, and how far the feed has been read."""

    email: str
    team: Team
    headers: dict[str, str]
    cursor: str = "latest"


class Job(NamedTuple):
    """A request of one kind, and who sends it."""

    kind: str
    user: User
    request: Request


def add_people(database: Database, size: Size) -> None:
    """Put teams and their users into a database. All have the password of the user that is there."""
    with psycopg.connect(database.url) as connection:
        connection.execute(_PEOPLE.format(teams=size.teams, users=size.users))


def log_in_all(server: Server, size: Size) -> list[User]:
    """Return the users, each with a token, and their teams with leads."""
    teams = [Team() for _ in range(size.teams)]
    users = []
    for number in range(1, size.users + 1):
        email = f"user.{number}@example.com"
        token = server.send(_login(email))["token"]
        users.append(User(email, teams[number % size.teams], {"Authorization": f"Bearer {token}"}))
    for user in users[: size.teams]:
        for _ in range(size.leads // _BATCH):
            made = server.send(Request("POST", "/leads/batch/create", {"items": _new_leads(_BATCH)}, user.headers))
            user.team.leads += [result["data"]["id"] for result in made["data"]]
    return users


def jobs(users: list[User], seed: int) -> Iterator[Job]:
    """Yield what the users send, without end."""
    random = Random(seed)
    kinds, weights = [*WEIGHTS], [*WEIGHTS.values()]
    while True:
        user = random.choice(users)
        for kind in random.choices(kinds, weights):
            yield Job(kind, user, _request(kind, user, random))


def learn(job: Job, answer: Timed) -> None:
    """Have a user go on in the feed where the answer ends."""
    if job.kind == "feed" and answer.status == 200:
        job.user.cursor = json.loads(answer.text)["meta"]["cursor"]


def _request(kind: str, user: User, random: Random) -> Request:
    lead = f"/leads/{random.choice(user.team.leads)}"
    number = random.randrange(1_000_000)
    return {
        "list": lambda: Request("GET", random.choice(_LISTS)),
        "show": lambda: Request("GET", lead),
        "feed": lambda: Request("GET", f"/changes?limit=50&after={user.cursor}"),
        "update": lambda: Request("PUT", lead, {"title": f"Lead {number}", "amount": number / 100}),
        "create": lambda: Request("POST", "/leads", _new_leads(1)[0]),
        "batch": lambda: Request("POST", "/leads/batch/create", {"items": _new_leads(_IN_A_BATCH)}),
        "login": lambda: _login(user.email),
    }[kind]()._replace(headers=user.headers)


def _login(email: str) -> Request:
    return Request("POST", "/auth/token", {"email": email, "password": PASSWORD, "device_name": "load"})


def _new_leads(count: int) -> list[dict[str, object]]:
    return [{"title": f"A new lead {n}", "amount": 10.5 * n, "description": "Called twice."} for n in range(count)]
