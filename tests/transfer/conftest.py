"""A command line, and CSV files to give it."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from flask import Flask

from tests.support.client import CommandLine

WriteFile = Callable[..., Path]


@pytest.fixture
def shell(app: Flask) -> CommandLine:
    """The command line."""
    return CommandLine(app)


@pytest.fixture
def write_file(tmp_path: Path) -> WriteFile:
    """What writes a file of lines, or of bytes, and returns its path."""

    def write(content: Iterable[str] | bytes, name: str = "records.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else "".join(f"{line}\r\n" for line in content).encode())
        return path

    return write
