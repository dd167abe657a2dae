"""Who is asking, and what they may do and see (contract, sections 2 to 4)."""
