"""How each kind of field is learned. A kind without a line here is asked of readers, but not of networks."""

from types import ModuleType

from training.recipes import grade, presence

RECIPES: dict[str, ModuleType] = {
    "grade": grade,
    "presence": presence,
}
