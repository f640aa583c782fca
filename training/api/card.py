"""A model card as JSON: what was kept when the run ended, and what is known of it since."""

from collections.abc import Iterator, Mapping
from typing import Any

from annotation import forms
from annotation.covariates import COVARIATES
from annotation.models import Form
from annotation.presenters import form_json
from training import covering, learned, promotion, readers, weights
from training.api import presenters
from training.groups import PHANTOM
from training.models import ModelEvent, ModelVersion

NOT_FOR = {
    "": "Anything but a proposal: what it says is no finding until a reader has made it his own.",
    "_zh": "除建议以外的任何用途：在阅片者采纳之前，模型所说并非结论。",
}
PHANTOMS = {
    "": "Patients: {drawn} of its {all} images are phantoms, drawn by a program. Its figures say that the learning works, "
    "and nothing of how well it reads images of people.",
    "_zh": "患者：其 {all} 幅图像中有 {drawn} 幅是程序绘制的模体。这些指标只说明学习过程有效，不说明对真实患者图像的判读水平。",
}

CROPPED = {
    "": "{slots}: answered from the part of the image about what the model itself finds ({where}), and judged so on the locked "
    "test, never about what a reader marked.",
    "_zh": "{slots}：依据模型自己找到的部位（{where}）周围的图像部分作答；锁定测试也按此评估，从不使用阅片者的标记。",
}


def card_json(model: ModelVersion, *, names: bool) -> dict[str, Any]:
    """`model` as access.find gives it; `names`: whether readers are named in the subgroups, else they are numbered."""
    kept = model.card
    form = _form(model, kept)
    content = form.content
    kinds = {slot.slot: slot.field["kind"] for slot in learned.slots_of(content)}
    return {
        **presenters.model_json(model, kinds, names=names),
        "task": {"id": model.task_id, "name": model.task.name, "template": content["name"]},
        "purpose": _purpose(content, kept),
        "counts": kept.get("counts"),
        "images": kept.get("images"),
        "missing": kept.get("missing"),  # None of versions from before it was counted
        "beside": _beside(kept),
        "code": kept.get("code"),
        "settings": kept.get("settings"),
        "seed": model.run.seed,
        "model": kept.get("model"),
        "start": kept.get("start"),
        "weights": model.weights,
        "lost": model.state != model.State.DELETED and weights.lost(model.weights),
        "encoder": model.encoder,
        "run": _run(model),
        "deleted": _deleted(model, names),
        "test_uses_now": promotion.uses_of_test(model.task),
        "judged": _judged(model, names),
        "promises": _promises(model),
        "labels": labels(content),
        "form": form_json(form),
    }


def labels(content: Mapping[str, Any]) -> dict[str, str]:
    """Each slot in words."""
    return {
        slot: f"{field['label']}, {field.get('site_labels', {}).get(site, site)}"
        if site
        else field["label"]
        for slot, field, site in forms.slots(content)
    }


def _beside(kept: Mapping[str, Any]) -> dict[str, Any]:
    """The covariates that it reads, each with its unit and of how many cases of each split it is not known."""
    return {
        name: {"unit": COVARIATES[name].unit, "not_known": counts}
        for name, counts in (kept.get("beside") or {}).items()
    }


def _form(model: ModelVersion, kept: Mapping[str, Any]) -> Form:
    """The form that it learned; the task's first for a version from before that was kept."""
    return Form.objects.get(task=model.task_id, version=kept.get("form", 1))


def _purpose(content: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """What it is for, from the template, and what it can say nothing of, from what it learned from; in both languages."""
    said, images = content.get("card") or {}, kept.get("images") or {}
    counted = {"drawn": images.get(PHANTOM, 0), "all": sum(images.values())}
    shown: dict[str, Any] = {}
    for language in ("", "_zh"):
        limits = [*said.get(f"not_for{language}", []), NOT_FOR[language]]
        if counted["drawn"]:
            limits.append(PHANTOMS[language].format(**counted))
        shown[f"is{language}"] = " ".join(
            [content.get(f"description{language}", ""), *_cropped(content, kept, language)]
        )
        shown[f"for{language}"] = said.get(f"for{language}", [])
        shown[f"not_for{language}"] = limits
    return shown


def _cropped(content: Mapping[str, Any], kept: Mapping[str, Any], language: str) -> Iterator[str]:
    """What is said of answers from crops (training/engine/staged.py)."""
    staged = (kept.get("model") or {}).get("staged")
    if staged:
        known = {field["key"]: field for field in content["fields"]}
        keys = dict.fromkeys(name.partition("@")[0] for name in staged["names"])
        named = [
            known[key].get(f"label{language}") or known[key]["label"]
            for key in (*keys, staged["rule"]["where"])
        ]
        yield CROPPED[language].format(slots=", ".join(named[:-1]), where=named[-1])


def _run(model: ModelVersion) -> dict[str, Any]:
    job = model.run.job
    return {
        "id": model.run_id,
        "speed": model.run.speed,
        "trigger": model.run.trigger,
        "trigger_said": model.run.trigger_said,
        "attempts": job.attempts,
        "queued_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
    }


def _deleted(model: ModelVersion, names: bool) -> dict[str, Any] | None:
    deleted = model.events.filter(what=ModelEvent.What.DELETED).select_related("by").first()
    return presenters.event_json(deleted, names=names) if deleted else None


def _judged(model: ModelVersion, names: bool) -> dict[str, Any]:
    known = readers.called(model, names=names)
    return {
        slot: {**of, "subgroups": [readers.group(one, known) for one in of["subgroups"]]}
        for slot, of in (model.card.get("slots") or {}).items()
    }


def _promises(model: ModelVersion) -> dict[str, Any]:
    """By slot that has sets or intervals: are they shown to readers?"""
    found = {slot: covering.told(of) for slot, of in model.metrics.items()}
    return {slot: of for slot, of in found.items() if of}
