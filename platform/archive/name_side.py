"""Which side of the body a text speaks of: a file's name on its way in, or a description (annotation/evidence).

A file's name is never stored in the clear, since it is often a patient's; the side that it names is.
"""

import re

# Whole words, in the languages of the hospitals whose files we have seen.
WORDS = {
    "R": {
        "RIGHT",
        "RT",
        "RECHTS",
        "RECHTE",
        "RECHTER",
        "RECHTES",
        "DROIT",
        "DROITE",
        "DERECHA",
        "DESTRA",
    },
    "L": {"LEFT", "LT", "LINKS", "LINKE", "LINKER", "LINKES", "GAUCHE", "IZQUIERDA", "SINISTRA"},
    "B": {"BOTH", "BILATERAL", "BILATERALE", "BILAT", "BEIDE", "BEIDER", "BEIDSEITS", "BDS"},
}
AFTER_A_NUMBER = re.compile(r"\d[ _-]?([RL])$")
WORD = re.compile(r"[^\W\d_]+")
NEW_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")  # kneeLeft


def words_of(text: str) -> list[str]:
    """The words of a text in capitals; dots go before, so that "a.p." is one."""
    return WORD.findall(text.replace(".", "").upper())


def sides_of(words: list[str]) -> set[str]:
    """R, L and B, as far as they are spoken of."""
    return {side for side, known in WORDS.items() if known.intersection(words)}


def side_of_name(name: str) -> str:
    """R or L where a file's name or path says so plainly, else "": knee_left.dcm, 9000099L.jpg, RIGHT/IM0001.

    A lone R or L counts only behind a number: elsewhere it may be an initial. A name of both sides says nothing.
    """
    *folders, last = name.replace("\\", "/").split("/")
    stem, dot, ending = last.rpartition(".")
    stem = stem if dot and 0 < len(ending) <= 5 else last
    parts = [NEW_WORD.sub(" ", part).replace(".", " ") for part in (*folders, stem)]
    sides = sides_of([word for part in parts for word in words_of(part)])
    letter = AFTER_A_NUMBER.search(stem.upper())
    if letter:
        sides.add(letter[1])
    return sides.pop() if len(sides) == 1 and sides != {"B"} else ""
