"""The API measured beside a hand-written floor: `make bench`."""
