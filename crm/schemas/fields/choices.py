"""Fields that hold one of a few words."""

from collections.abc import Sequence

from crm.schemas.fields.text import Text


class OneOf(Text):
    """One of some words, which the server chooses."""

    def __init__(self, words: Sequence[str]):
        super().__init__(dump_only=True)
        self.words = words
