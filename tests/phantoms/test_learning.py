"""The set must be worth learning from: far grades plain, neighbours in doubt."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from phantoms.knee import draw_knee
from tests.phantoms.measuring import joint_picture

EACH = 32


def accuracy(low: int, high: int) -> float:
    """Of a plain learner on 32 x 32 pixels, by cross-validation."""
    pictures = [
        joint_picture(draw_knee(grade=g, laterality="RL"[s % 2], size=(320, 256), seed=900 * g + s))
        for g in (low, high)
        for s in range(EACH)
    ]
    features = np.stack([picture.ravel() for picture in pictures])
    grades = np.repeat([low, high], EACH)
    learner = LogisticRegression(C=0.01, max_iter=2000)
    return float(cross_val_score(learner, features, grades, cv=4).mean())


def test_a_plain_learner_tells_far_grades_apart_but_not_neighbours() -> None:
    assert accuracy(0, 4) > 0.9
    assert accuracy(1, 2) < 0.85
