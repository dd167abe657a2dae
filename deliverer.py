"""The deliverer of webhooks as a process that stays: `flask crm deliver` goes on as this one."""

from crm.commands.deliver import run
from wsgi import app

with app.app_context():
    run(app, once=False)
