"""A value that cannot be meant, with its remedy: what validators of the serving settings raise."""

from __future__ import annotations


class Mistake(ValueError):  # noqa: N818 - a person made it
    """`what` is wrong with the value and the `remedy`, each a sentence without a final full stop."""

    def __init__(self, what: str, remedy: str) -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(f"{what}. {remedy}")
