"""A real browser that stays on this machine."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextlib.contextmanager
def run_browser(path: str) -> Iterator["Browser"]:
    """Run headless Chromium, until the block ends. It loads from the loopback address alone."""
    from playwright.sync_api import sync_playwright  # here, since few tests need it

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*_FLAGS])
        yield browser
        browser.close()
