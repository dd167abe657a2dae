"""What tests run on and with, beside Python: what stands for it in a test, and whether it is there."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
import redis

from tests.support.server import ROOT

POSTGRES_URL = os.environ.get("CRM_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("CRM_TEST_REDIS_URL", "redis://127.0.0.1:6379/15")
CHROMIUM = os.environ.get("CRM_TEST_CHROMIUM") or shutil.which("chromium")
NODE_MODULES = ROOT / "node_modules"
GO = shutil.which("go")
REDOCLY = shutil.which("redocly", path=NODE_MODULES / ".bin")
SPECTRAL = shutil.which("spectral", path=ROOT / "node_modules" / ".bin") or shutil.which("spectral")
CURL = shutil.which("curl") and shutil.which("bash")


def _jar() -> Path | None:
    """Return where OpenAPI Generator is, if Java can run it."""
    found = find_spec("openapi_generator_cli")
    return (
        Path(found.origin).parent / "openapi-generator.jar" if found and found.origin and shutil.which("java") else None
    )


OPENAPI_GENERATOR = _jar()
TYPESCRIPT = all((NODE_MODULES / ".bin" / tool).exists() for tool in ("tsc", "openapi-ts", "openapi-typescript"))


class Part(NamedTuple):
    """A part of the whole run, which those tests need that ask for one of these fixtures or parameters."""

    name: str
    asked_for_as: frozenset[str]
    is_there: bool


def postgres_answers() -> bool:
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def redis_answers() -> bool:
    try:
        with redis.Redis.from_url(REDIS_URL, socket_connect_timeout=2) as server:
            return bool(server.ping())
    except redis.RedisError:
        return False


SQLITE = Part("SQLite", frozenset({"sqlite"}), True)
"""All that a quick run needs."""
PARTS = (
    SQLITE,
    Part("PostgreSQL", frozenset({"postgresql"}), postgres_answers()),
    Part("Redis", frozenset({"redis", "redis_url"}), redis_answers()),
    Part("gunicorn", frozenset({"serving"}), True),
    Part("Chromium", frozenset({"chromium"}), CHROMIUM is not None),
    Part("Spectral", frozenset({"spectral"}), SPECTRAL is not None),
    Part("Redocly", frozenset({"redocly"}), REDOCLY is not None),
    Part("TypeScript", frozenset({"typescript"}), TYPESCRIPT),
    Part("OpenAPI Generator", frozenset({"openapi_generator"}), OPENAPI_GENERATOR is not None),
    Part("Go", frozenset({"go"}), GO is not None),
    Part("dlt", frozenset({"dlt"}), find_spec("dlt") is not None),
    Part("MCP SDK", frozenset({"connect"}), find_spec("mcp") is not None),
    Part("OpenSSL", frozenset({"certificate"}), shutil.which("openssl") is not None),
    Part("curl", frozenset({"curl"}), CURL is not None),
)
"""CRM_TEST_REQUIRE_ALL=1 fails a run that leaves one out."""


def left_out(quick: bool) -> list[Part]:
    """Return the parts that a run does without."""
    return [part for part in PARTS if not part.is_there or (quick and part is not SQLITE)]


def asked_for(item: pytest.Item) -> set[str]:
    """Return the fixtures of a test, those that they ask for themselves too, and the parameters that are names."""
    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return {*getattr(item, "fixturenames", ()), *(value for value in parameters if isinstance(value, str))}
