"""Where gunicorn listens, so that the operator can be told."""

from collections.abc import Mapping

LISTENS_ON = "127.0.0.1:8000"
_EVERYWHERE = ("", "0.0.0.0", "[::]")  # noqa: S104 (what an operator may have bound to)


def own_url(environ: Mapping[str, str]) -> str:
    """Return the URL at which the server can be reached from its own machine, as GUNICORN_CMD_ARGS says."""
    import argparse  # here, so that serving does not load it
    import shlex

    options = argparse.ArgumentParser(add_help=False)
    options.add_argument("-b", "--bind", default=LISTENS_ON)
    given, _ = options.parse_known_args(shlex.split(environ.get("GUNICORN_CMD_ARGS", "")))
    host, _, port = given.bind.rpartition(":")
    return f"http://{'127.0.0.1' if host in _EVERYWHERE else host}:{port}"
