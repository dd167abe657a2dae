"""Fields that hold one of a few words."""

from collections.abc import Sequence
from typing import Any

from crm.schemas.fields.text import Text


class OneOf(Text):
    """One of some words, which the server chooses."""

    def __init__(self, words: Sequence[str]):
        super().__init__(dump_only=True)
        self.words = words


class Choice(Text):
    """One of some words, exactly as they are written."""

    def __init__(self, *choices: str, **kwargs: Any):
        super().__init__(**kwargs)
        self.choices = choices

    def parse(self, value: Any) -> str:
        """Return the word."""
        word = super().parse(value)
        if word not in self.choices:
            raise self.make_error("selected")
        return word
