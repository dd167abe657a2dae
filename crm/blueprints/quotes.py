"""Quotes, which are accepted or rejected, and become orders."""

from crm.blueprints.action import Action, conversion_action
from crm.blueprints.resource import Resource
from crm.sales.conversion import QUOTE_TO_ORDER
from crm.sales.outcome import ACCEPTED, REJECTED, REOPENED, decide_quote, reopen_quote
from crm.schemas.quote import QuoteSchema


def _deciding(name: str, word: str) -> Action:
    """Return the action that says what the customer has decided about a quote."""
    return Action(
        name=name,
        word=word,
        permission="edit",
        sentence=f"Say that the customer has {word} a quote. Its stage stays as it is.",
        answer="The quote.",
        perform=lambda quotes, quote, _: decide_quote(quotes.writer, quote, word),
        refused="The quote is accepted or rejected.",
    )


ACCEPT, REJECT = _deciding("accept", ACCEPTED), _deciding("reject", REJECTED)
REOPEN = Action(
    name="reopen",
    word=REOPENED,
    permission="edit",
    sentence="Say that a quote is neither accepted nor rejected; one that is not is answered as it is.",
    answer="The quote.",
    perform=lambda quotes, quote, _: reopen_quote(quotes.writer, quote),
)
ORDER = conversion_action(
    "order",
    QUOTE_TO_ORDER,
    sentence="Make an order of a quote. It is like the quote, its lines and their tax included, but for what the body "
    "says. That is no change of the quote.",
    refused="The quote is rejected, or is ordered and its order has not been deleted.",
)


class Quotes(Resource):
    """Offers to customers."""

    schema = QuoteSchema
    actions = (*Resource.actions, ACCEPT, REJECT, REOPEN, ORDER)
