"""The tools that are no Python packages: where they are, if they are. `.ci/run` installs them."""

import os
import shutil

from tests.support.server import ROOT

CHROMIUM = os.environ.get("CRM_TEST_CHROMIUM") or shutil.which("chromium")
SPECTRAL = shutil.which("spectral", path=ROOT / "node_modules" / ".bin") or shutil.which("spectral")

TOOLS = {"chromium": CHROMIUM, "spectral": SPECTRAL}
"""The fixtures that stand for a tool, and its path, None where it is not installed."""
