"""The floor: what a careful programmer gets by hand, without a framework, for the same requests.

A bare WSGI application over psycopg, redis and orjson. It does the work of the API for leads and the list of quotes:
token look-up, permission, limit count in Redis, exact total, page, labels, lines, the same envelope. For the same
rows its bodies are equal to the API's, which the benchmark checks before it times anything.
"""
