"""The journal of changes: written with each of them, read as a record's history and as the feed of a team."""
