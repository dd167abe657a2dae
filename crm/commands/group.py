"""The group of commands `flask crm …`."""

from flask.cli import AppGroup

crm = AppGroup("crm", help="Run the CRM: users, teams, tokens, look-up tables.", short_help="Run the CRM.")
