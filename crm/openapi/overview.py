"""What holds for every operation, in words: the text with which the description begins."""

from crm.http.errors import MAX_FAULTS
from crm.lists.pages import DEFAULT_PER_PAGE, MAX_PER_PAGE
from crm.openapi.forms import Json
from crm.schemas.fields import MAX_LENGTH

TITLE = "CRM API"
CONTACT = {"name": "Whoever runs this installation"}
LICENSE = {"name": "MIT", "url": "https://opensource.org/license/mit"}

OVERVIEW = f"""
Leads, deals, quotes, orders, invoices, and the products, organizations and people that they are about.

## Getting started

1. `POST /auth/token` with an email and a password gives a token. It is shown this once.
2. Send it with every request: `Authorization: Bearer <token>`.
3. `GET /auth/me` tells whose it is. On this page, *Authorize* takes the token for all that you try.

## Requests

- Bodies are JSON objects, sent as `application/json` and not compressed; `[]` counts as `{{}}`. Unknown and read-only
  fields are ignored.
- Strings are trimmed of white space and of what is invisible, and a blank one is the same as `null`; `password` alone
  is taken as sent. The limits hold for what is left, {MAX_LENGTH} characters where none is named. U+0000 is refused.
- The schemas name the form to send of each value. Borne are also integers as strings of digits, other numbers as
  strings such as `"1500.50"`, booleans as `0`, `1`, `"0"` or `"1"`, and timestamps where a date is meant: the date as
  written counts.
- An object whose keys are all whole numbers counts as the array of its values in the order of the keys, `{{}}` as `[]`.
- Timestamps need seconds and an offset: `2026-03-02T09:30:00Z`. They are shown in UTC, with `+00:00`.
- Look-up rows, such as labels, are read by all and written by Owner and Admin. With teams, those that all share are a
  403 to every write.
- A reference, such as `person_id`, takes the `id` of a record that is there and not deleted; `null` clears it.
- `PUT` and `PATCH` do the same: a field that is absent keeps its value, `null` clears it.
- `DELETE` hides a record: from then on it is a 404, and cannot be referred to.
- A trailing slash makes no difference. `HEAD` answers as `GET` without the body. `OPTIONS` names the verbs of a path
  in `Allow` and needs no token.

## Teams

With teams, a request runs in the user's current one, or in the one that `X-Team-ID` names, of which the user must be a
member. Which record is shown by its `id` does not depend on the header, unless the installation says otherwise. Without
teams it means nothing.

## Lists

`page` and `per_page` (by default {DEFAULT_PER_PAGE}, at most {MAX_PER_PAGE}) choose a page, `sort` the order; the
newest come first. A page, size or sort that a list does not understand is ignored, and so is a blank filter; a filter
value that cannot match gives an empty list. Text compares without case, null sorts before every value.

## Versions and changes

Every record has a `version`, which rises by one with each change of it, and with which its `ETag` begins. Sent back in
`If-Match`, it has a write done only if nobody else has changed the record since (412). On reads, `If-None-Match` gives
a 304 for what is still the same. A write that changes nothing leaves the record as it is.

Each change is noted: `GET /{{resource}}/{{id}}/changes` tells who made it and what was before, `GET /changes` gives all
changes of a team in their order, deletions included. Take `after=latest`, read everything, then follow from that
cursor: nothing is missed.

## Actions

What happens to a sale is a POST on a path below its record: a lead is converted into a deal, which is won or lost, a
quote is accepted or rejected and becomes an order, and that an invoice. What is made is like its source but for what
the body says. What is not in the state for it is a 409 with a sentence, and with the id of what was made already.

## Payments

`POST /invoices/{{id}}/payments` says what was paid of an invoice, `DELETE` on one takes it back. `amount_paid` is the
sum, `fully_paid_at` the moment of the payment with which it reaches the total, and the change that makes an invoice
fully paid is `invoice.paid`.

## Safe retries

Whoever gets no answer to a write cannot know whether it was done. With an `Idempotency-Key`, a text of the client's own
that is new for each write, the same request may be sent again: it is done once, and each further answer is that to the
first, with `Idempotent-Replayed: true`. Another request with a used key is a 422, and while the first is running there
may be a 409. A request that was refused has not used its key.

## Totals

The totals of quotes, orders and invoices are kept as they are sent. With `compute_totals` they are worked out instead,
at every write: the amounts of each tax rate are added, the discount is spread over the rates in proportion, and the tax
of each sum is rounded half up; the total is the subtotal less the discount, with tax and adjustments. A line may then
leave out its `amount`, and its `unit_price` if the product has a price in the document's currency. `tax_breakdown`
shows the rates in either case.

## Refusals

Every refusal has a `message`. A 422 names every fault of the body at once (the first {MAX_FAULTS}), by the path of its
field, such as `line_items.2.product_id`. A request is refused for the first of these reasons: no such path, or verb
(405, whose `Allow` names those that there are), rate limit, token, team, permission, a header that cannot be
read, a used `Idempotency-Key`, no such record, then its body.

With `Accept: application/problem+json` a refusal is a problem of RFC 9457: the `message` is its `detail`, and a 422
also lists its faults as `invalid`, each with a JSON pointer into the body.

## Tokens

A token may do what its user may and what its `abilities` say, such as `leads:view`, `leads:*` or `*:view`. Beyond them
it is a 403 with `WWW-Authenticate: Bearer error="insufficient_scope"`. Look-up rows and users may be read by all
tokens, `changes:view` lets one follow the feed, of which it sees what it may view, `lookups:*` write look-up rows, and
`webhooks:*` do all with webhooks. The own account needs `*`, but for `GET /auth/me` and `DELETE /auth/token`.

## Rate limits

Counted by user, or by address without a valid token. Every answer says in `X-RateLimit-Limit` and
`X-RateLimit-Remaining` how much is left, and so do `RateLimit-Policy` and `RateLimit`; a 429 says in `Retry-After` when
to come back. This description is not counted. Failed log-ins are limited for each e-mail address, too.

## Health

Under the root of the server, `GET /livez` answers whether the process does, and `GET /readyz` whether it can serve: 200
or 503, with what it has found of `database`, `migrations`, `limits` and `deliveries`. Neither needs a token or counts.

## Headers

Every answer has `X-Content-Type-Options: nosniff`, a `Content-Security-Policy`, and `Cache-Control: no-cache, private`,
or `no-store` where a token is shown.
""".strip()


def servers(url: str) -> list[Json]:
    """Return where the API is served, as the description says it."""
    return [{"url": url, "description": "This installation."}]
