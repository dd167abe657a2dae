"""People."""

from crm.blueprints.resource import Resource
from crm.models import Person
from crm.schemas.person import PersonSchema


class People(Resource):
    """The contacts."""

    model = Person
    schema = PersonSchema
    sorts = ("first_name", "last_name")
