"""One module with a recipe and one line for it: all that it takes to learn, judge and describe a new kind."""

import re
from dataclasses import replace
from pathlib import Path
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
from tests.training.engine_cases import KL, graded, grades, images_of
from tests.training.test_engine_full import SETTINGS
from training import loading, promotion
from training.engine.batches import Images
from training.engine.encoder import Encoder
from training.engine.evaluate import evaluate
from training.engine.fast import fit_fast
from training.engine.full import train_full
from training.engine.gate import compare
from training.recipes import RECIPES, WHOLE, grade

PAGE = Path(__file__).parents[2] / "docs" / "new-kind.md"
COUNT = {**KL, "kind": "count"}


def severity() -> ModuleType:
    """A recipe of its own name: it learns as that of grades does."""
    module = ModuleType("severity")
    module.__dict__.update({name: of for name, of in vars(grade).items() if name[0] != "_"})

    def decode(*of: Any) -> list[dict[str, Any]]:
        return [{**one, "kind": "severity"} for one in grade.decode(*of)]

    vars(module)["decode"] = decode
    return module


@pytest.mark.django_db(transaction=True)
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


def shown() -> ModuleType:
    """The recipe of the docs."""
    [code] = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    module = ModuleType("count")
    exec(code, vars(module))  # the docs are ours
    return module


def test_the_recipe_that_the_docs_show_is_learned_by_a_full_run_and_by_a_fast_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for registry in (RECIPES, WHOLE):
        monkeypatch.setitem(registry, "count", shown())
    examples = [
        *graded(grades(96, classes=3)),
        *graded(grades(24, seed=1, classes=3), "tune", start=100),
        *graded(grades(30, seed=2, classes=3), "test", start=200),
    ]
    squares, learned = images_of(examples), [one for one in examples if one.split != "test"]

    full = train_full(
        [COUNT],
        learned,
        Images.single(squares, np.arange(len(learned))),
        replace(SETTINGS, epochs=12, patience=12, lr=3e-3, dropout=0.0),
        folder=tmp_path,
        report=lambda _: None,
        encoder=Encoder.imagenet(tmp_path),
    )
    assert full.encoder is not None
    rows = full.encoder.embed(squares)
    fast = fit_fast([COUNT], examples, rows, encoder=full, seed=0, report=lambda _: None)

    held = [n for n, one in enumerate(examples) if one.split == "test"]
    counts = [examples[n].answers["kl"]["value"] for n in held]
    told = [one["kl"]["value"] for one in full.predict_embeddings(rows[held])]
    assert np.corrcoef(counts, told)[0, 1] > 0.5
    said = fast.predict_embeddings(rows[held])
    figures = evaluate([COUNT], [examples[n] for n in held], said)["kl"]
    assert figures["exact"]["low"] > 0.5  # of three counts
    assert figures["r2"]["low"] > 0


@pytest.mark.parametrize("counts", [[0] * 20, [1] * 20, [4] * 13, [0] * 12 + [1, 2] * 4])
def test_one_count_for_all_cases_does_not_pass_the_gate(
    counts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for registry in (RECIPES, WHOLE):
        monkeypatch.setitem(registry, "count", shown())
    one = {"kind": "count", "value": counts[0], "probabilities": [], "uncertainty": 0.5}
    patients = [f"p{n}" for n in range(len(counts))]

    verdict = compare(COUNT, counts, [one] * len(counts), None, patients, seed=0)

    assert verdict["passed"] is False
    assert verdict["code"] in ("gate_undefined", "gate_first_unproven")
