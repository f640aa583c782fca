"""How each kind of field is learned. A kind without a line here is asked of readers, but not of networks."""

from training.recipes import choice, grade, number, presence
from training.recipes.recipe import Recipe

RECIPES: dict[str, Recipe] = {
    "choice": choice,
    "grade": grade,
    "number": number,
    "presence": presence,
}
