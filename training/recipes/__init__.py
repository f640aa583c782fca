"""How each kind of field is learned. A kind without a line here is asked of readers, but not of networks."""

from training.recipes import choice, grade, number, presence
from training.recipes.boxes import Boxes
from training.recipes.dense import DenseRecipe
from training.recipes.judged import Judged
from training.recipes.mask import Mask
from training.recipes.points import Points
from training.recipes.polygon import Polygon
from training.recipes.recipe import Recipe

# one answer of a whole case
WHOLE: dict[str, Recipe] = {
    "choice": choice,
    "grade": grade,
    "number": number,
    "presence": presence,
}
# places on its images
DENSE: dict[str, DenseRecipe] = {
    "boxes": Boxes(),
    "mask": Mask(),
    "points": Points(),
    "polygon": Polygon(),
}
RECIPES: dict[str, Judged] = {**WHOLE, **DENSE}
