"""The deliverer of webhooks as a process that stays: `flask crm deliver` goes on as this one.

The first time, the code is compiled meanwhile, and the memory that takes would be held for ever: so it begins again.
"""

import os
import sys
from importlib.util import cache_from_source
from pathlib import Path

compiled = Path(cache_from_source(str(Path(__file__).with_name("wsgi.py"))))
was_compiled = compiled.exists()

from crm.commands.deliver import run  # noqa: E402 (what has to be compiled is imported from here on)
from wsgi import app  # noqa: E402

if compiled.exists() and not was_compiled:
    os.execv(sys.executable, [sys.executable, "-OO", __file__])  # noqa: S606 (no shell is wanted)
with app.app_context():
    run(app, once=False)
