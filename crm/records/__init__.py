"""Records as rows: found, written, numbered, counted; and the look-up rows that they refer to."""
