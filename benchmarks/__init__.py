"""What the API costs: beside a floor by hand, at a million leads, on SQLite, beside an earlier commit of itself."""
