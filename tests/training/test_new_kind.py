"""One module with a recipe and one line for it: all that it takes to learn, judge and describe a new kind."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from django.test import Client

from accounts.roles import Role
from annotation.models import Form
from inference.explain import Looked, explain
from inference.retraining import retrain
from tests.factories.annotation import make_reader
from tests.factories.jobs import run
from tests.factories.knees import make_knee_task, read_knees
from training import loading, promotion
from training.recipes import RECIPES, WHOLE, grade

pytestmark = pytest.mark.django_db(transaction=True)


def severity() -> ModuleType:
    """A recipe of its own name: it learns as that of grades does."""
    module = ModuleType("severity")
    module.__dict__.update({name: of for name, of in vars(grade).items() if name[0] != "_"})

    def decode(*of: Any) -> list[dict[str, Any]]:
        return [{**one, "kind": "severity"} for one in grade.decode(*of)]

    vars(module)["decode"] = decode
    return module


def test_a_kind_that_only_the_recipes_know_is_learned_judged_and_described(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task, truth = make_knee_task({"train": 25, "tune": 5, "test": 15})
    read_knees(task, make_reader(task), truth)
    recipe = severity()
    for registry in (RECIPES, WHOLE):
        monkeypatch.setitem(registry, "severity", recipe)
    content = task.forms.latest("version").content
    fields = [
        {**field, "kind": "severity"} if field["key"] == "kl" else field
        for field in content["fields"]
    ]
    Form.objects.create(task=task, version=3, content={**content, "fields": fields})

    started = retrain(task, "fast", "A test", None)
    run(started.job)

    started.job.refresh_from_db()
    assert (started.job.state, started.job.error) == ("done", "")
    version = promotion.current(task)
    assert version is not None
    client = Client()
    client.force_login(make_reader(task, Role.ADMIN))
    card = client.get(f"/api/models/{version.pk}/card/").json()
    assert (card["slots"]["kl"]["kind"], card["slots"]["kl"]["metric"]) == ("severity", "qwk")
    assert card["counts"]["splits"]["train"]["slots"]["kl"] == {"answered": 25}
    assert card["judged"]["kl"]["calibration"] is None
    assert card["judged"]["kl"]["subgroups"]
    text = client.get(f"/api/models/{version.pk}/card/?format=md").content.decode()
    assert "|  | 0 | 1 | 2 | 3 | 4 |" in text
    [point] = client.get(f"/api/tasks/{task.pk}/training/").json()["curve"]
    assert (point["slot"], point["metric"]) == ("kl", "qwk")
    assert point["value"] == version.metrics["kl"]["qwk"]["value"]
    model = loading.load(version)
    assert model.encoder is not None
    square = np.zeros((64, 64), dtype=np.uint8)
    looked = Looked(square, model.encoder.embed(square[None]), 0)
    [slot] = [one for one in model.slots if one.name == "kl"]
    assert explain(model, looked, slot, {"value": 2}).ndim == 2
