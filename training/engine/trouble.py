"""Why a run cannot go on, for people: a sentence with the code by which a page says it in its own language."""

from typing import Any

NOT_FINITE = "An embedding is not finite: the encoder's weights or an image are damaged."


class Trouble(ValueError):
    """`parameters`: the numbers and names in the sentence, as JSON has them."""

    def __init__(self, sentence: str, code: str, **parameters: Any) -> None:
        super().__init__(sentence)
        self.code, self.parameters = code, parameters
