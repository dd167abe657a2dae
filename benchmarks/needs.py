"""What a part needs besides Python, and one line for each thing that is not there."""

import shutil
import subprocess

import psycopg
import redis

from benchmarks.data import POSTGRES_URL
from benchmarks.options import Options
from benchmarks.server import REDIS_URL
from benchmarks.trees import git


def lacks_wrk(_: Options) -> str | None:
    """Tell where wrk is to be had, if it is not there."""
    if shutil.which("wrk"):
        return None
    return "wrk is not on the PATH: it is the package wrk of Debian and Homebrew (https://github.com/wg/wrk)."


def lacks_postgres(_: Options) -> str | None:
    """Tell how to name a PostgreSQL, if none answers."""
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=3).close()
    except psycopg.Error as error:
        return (
            f"PostgreSQL: {_first_line(error)}: CRM_TEST_POSTGRES_URL names it, postgresql://user:password@host/name."
        )
    return None


def lacks_redis(_: Options) -> str | None:
    """Tell how to name a Redis, if none answers."""
    try:
        with redis.Redis.from_url(REDIS_URL, socket_connect_timeout=3) as server:
            server.ping()
    except (redis.RedisError, ValueError) as error:
        return (
            f"Redis does not answer ({_first_line(error)}). CRM_TEST_REDIS_URL names it: redis://:password@host:6379/15"
        )
    return None


def lacks_base(options: Options) -> str | None:
    """Tell which commit can be the base, if none is named that can."""
    if options.base is None:
        return "BASE=<commit> names the commit to compare with."
    try:
        git("cat-file", "-e", f"{options.base}:benchmarks/data.py")
    except (OSError, subprocess.CalledProcessError):
        return f"BASE={options.base}: it has to be a commit that git finds here and that has benchmarks/data.py."
    return None


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
