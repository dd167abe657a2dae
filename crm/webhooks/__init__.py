"""Who is told of changes, and how: subscriptions, their secrets, and what is delivered (beyond, section 19)."""
