"""What the operator of an installation meets: its start, and the files that it keeps (contract, sections 4 and 9)."""
