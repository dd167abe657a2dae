"""The rows of a list, and the pages that they come in (contract, section 6)."""
