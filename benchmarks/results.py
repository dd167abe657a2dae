"""The figures that are kept, one entry for each part, each until its part is measured again."""

import json
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results.json"


def keep(part: str, figures: dict[str, Any], path: Path = RESULTS) -> None:
    """Put the figures of a part in the place of its earlier ones."""
    kept = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**kept, part: figures}, indent=2) + "\n")
