"""Trainings, model versions and the learning curve as the API gives them."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.fields.json import KeyTransform

from annotation.models import Task
from jobs.api import JobSerializer
from training import learned, readers, runs, verdicts
from training.models import (
    Decision,
    Measured,
    ModelEvent,
    ModelVersion,
    TrainingRun,
    WeightsEvent,
)

NOTHING = {"value": None, "low": None, "high": None}


def versions(task: Task) -> list[ModelVersion]:
    """Newest first, with all that is shown of them."""
    said = Measured.objects.filter(model=OuterRef("pk"))
    found = ModelVersion.objects.filter(task=task).defer("card").annotate(comparable=Exists(said))
    return list(found.select_related("run", "run__snapshot", "promoted_by"))


def run_json(run: TrainingRun, *, names: bool) -> dict[str, Any]:
    """`log` and curve of an ended run are left out: many runs are listed, and each may have said a lot.

    `names`, here and below: whether readers are named (training/readers.py).
    """
    model = runs.model_of(run)
    if not run.job.is_live:
        run.job.detail = {}
    return {
        "id": run.pk,
        "speed": run.speed,
        "state": runs.state(run),
        "trigger": run.trigger,
        "trigger_said": run.trigger_said,
        "references": run.references,
        "created_at": run.created_at,
        "finished_at": run.job.finished_at,
        "error": run.job.error,
        "error_said": run.job.error_said,
        "model": model.number if model else None,
        "gate": gate_json(model, names=names) if model else None,
        "job": JobSerializer(run.job).data,
    }


def gate_json(model: ModelVersion, *, names: bool) -> dict[str, Any] | None:
    if "passed" not in model.gate:
        return None
    gate = readers.gate_of(model, names=names)
    return {
        "passed": gate["passed"],
        "provisional": gate.get("provisional", False),
        "reason": gate.get("reason", ""),
        "reasons": verdicts.reasons(gate),
        # how many it judged; the reasons are of those which decided
        "answers": len(gate.get("slots") or {}),
        "left_out": gate.get("left_out", []),
        "not_judged": gate.get("not_judged", 0),
        "against": gate.get("against"),  # the number of the version that was current then
        "test_uses": gate.get("test_uses"),  # None of versions from before it was counted
    }


def log_json(run: TrainingRun, *, names: bool) -> dict[str, Any]:
    """What a run said of itself, to its end."""
    model = runs.model_of(run)
    gate = gate_json(model, names=names) if model else None
    log = run.job.detail.get("log", [])
    return {
        "id": run.pk,
        "log": [_gate_said(line, gate) if gate else line for line in log],
        "curve": run.job.detail.get("curve", []),
    }


def _gate_said(line: Mapping[str, Any], gate: Mapping[str, Any]) -> Mapping[str, Any]:
    """A line of the log: the gate's with its readers as they are called elsewhere."""
    if line.get("code") != "gate_said":
        return line
    said = {"line": f"Gate: {gate['reason']}", "parameters": {"reasons": gate["reasons"]}}
    return {**line, **said}


def event_json(event: ModelEvent | WeightsEvent, *, names: bool) -> dict[str, Any]:
    """Of a model by its number, or of weights to start from by their name."""
    if isinstance(event, WeightsEvent):
        about: dict[str, Any] = {"model": None, "weights": event.weights.name}
        about |= {"reason": "", "reason_said": {}}
    else:
        about = {"model": event.model.number, "weights": None}
        made = event.what == ModelEvent.What.MADE  # its reason is the gate's
        reason = readers.sentence(event.reason, event.model, names=names) if made else event.reason
        about |= {"reason": reason, "reason_said": event.reason_said}
    by = event.by.display_name if event.by else None
    return {"id": event.pk, "what": event.what, "by": by, "at": event.at, **about}


def decision_json(decision: Decision) -> dict[str, Any]:
    return {
        "at": decision.at,
        "started": decision.started,
        "reason": decision.reason,
        "reason_said": decision.reason_said,
    }


def model_json(
    model: ModelVersion, of_slot: Mapping[str, str], *, names: bool, brief: bool = False
) -> dict[str, Any]:
    """`brief`: of the figures only the one that stands for each slot, as a list shows it."""
    return {
        "id": model.pk,
        "number": model.number,
        "state": model.state,
        "speed": model.run.speed,
        "references": model.run.references,
        "created_at": model.created_at,
        "promoted_at": model.promoted_at,
        "promoted_by": model.promoted_by.display_name if model.promoted_by else None,
        "slots": {
            slot: _slot_json(model, slot, kind, brief) for slot, kind in _shown(model, of_slot)
        },
        "gate": gate_json(model, names=names),
        "comparable": bool(getattr(model, "comparable", False)),
        "snapshot": {
            "id": model.run.snapshot_id,
            "number": model.run.snapshot.number,
            "hash": model.run.snapshot.hash,
        },
    }


def _slot_json(model: ModelVersion, slot: str, kind: str, brief: bool) -> dict[str, Any]:
    metric, metrics = learned.main_metric(model, slot, kind), model.metrics.get(slot)
    if brief and metrics is not None:
        wanted = ("n", "n_patients", metric)
        metrics = {name: metrics[name] for name in wanted if name in metrics}
    return {"kind": kind, "metric": metric, "metrics": metrics}


def _shown(model: ModelVersion, of_slot: Mapping[str, str]) -> list[tuple[str, str]]:
    """The slots that the model was measured on, else the form's first: optional ones may have taught it nothing."""
    measured = [(slot, kind) for slot, kind in of_slot.items() if slot in model.metrics]
    return measured or list(of_slot.items())[:1]


def curve_json(task: Task) -> list[dict[str, Any]]:
    """The learning curve, the first version first: all points are of one slot."""
    found = ModelVersion.objects.filter(task=task)
    of = learned.foremost(learned.slots(task), learned.measured(found))
    if of is None:
        return []
    found = found.select_related("run").order_by("number")
    points = _figures(found, of.slot, of.field["kind"])
    return [_point_json(model, of.slot, metric, figure) for model, metric, figure in points]


def _figures(
    found: QuerySet[ModelVersion], slot: str, kind: str
) -> Iterator[tuple[ModelVersion, str, Any]]:
    """Each version with the name of its main figure of a slot and that figure, and without the others."""
    metric = learned.MAIN_METRIC.get(kind)
    if metric is not None:
        figure = KeyTransform(metric, KeyTransform(slot, "metrics"))
        brief = found.defer("card", "gate", "metrics")
        yield from ((one, metric, one.figure) for one in brief.annotate(figure=figure))
        return
    for one in found.defer("card"):  # only its gate says which figure that is
        name = learned.main_metric(one, slot, kind)
        yield one, name, one.metrics.get(slot, {}).get(name)


def _point_json(
    model: ModelVersion, slot: str, metric: str, figure: Mapping[str, Any] | None
) -> dict[str, Any]:
    return {
        "slot": slot,
        "metric": metric,
        "model": model.number,
        "references": model.run.references,
        "speed": model.run.speed,
        "at": model.created_at,
        **(figure or NOTHING),
    }
