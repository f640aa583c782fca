"""The body of a training: snapshot → examples → fast or full → locked test → gate → model version, perhaps current."""

import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch  # noqa: TID253 -- only workers load this module
from django.conf import settings
from django.db import transaction
from django.db.models import Max

from accounts.said import Said, said_by
from annotation.catalogue import current_form
from annotation.models import Form, Task
from jobs.events import announce
from jobs.runner import Refused, Running
from training import (
    again,
    crops,
    dataset,
    encoders,
    groups,
    history,
    judging,
    loading,
    places,
    promotion,
    proving,
    reading,
    weights,
)
from training.dataset import Dataset, Missing, Plane
from training.engine.asked import as_asked
from training.engine.batches import Images
from training.engine.cache import ArrayCache
from training.engine.encoder import Encoder
from training.engine.examples import Example, Field, check_no_leak
from training.engine.fast import fit_fast
from training.engine.full import train_full
from training.engine.model import Model
from training.engine.pooling import Bags
from training.engine.several import train_on_cards
from training.engine.staged import Rule, Staged, inner_fields, rule_of
from training.inputs import embeddings, images
from training.models import ModelVersion, TrainingRun
from training.pictures import FIRST, Failures, Report
from training.recording import Papers, papers
from training.reporting import Reporting
from training.setting import settings_of

State = ModelVersion.State
Speed = TrainingRun.Speed


@dataclass(frozen=True)
class Judged:
    """A trained model with its figures on the locked test and the gate's word."""

    weights: str
    encoder: str
    metrics: dict[str, Any]
    gate: dict[str, Any]
    against: int | None  # the current version that it was compared with
    papers: Papers


def train(running: Running, run_id: int) -> Callable[[], Mapping[str, Any]]:
    """Train, judge, and return what makes the model version: it takes effect with the job's end or not at all.

    Raises Refused with a sentence when another try would not help: leaking patients, nothing to learn, a loss that
    is no longer a number, damaged weights of the current model.
    """
    run = TrainingRun.objects.select_related("task", "snapshot", "job", "start").get(pk=run_id)
    tidy(run)
    reporting = Reporting(running, run.speed, run.job.detail)
    try:
        judged, left_out = _judged(run, reporting)
    except (ValueError, dataset.BadDataset, weights.BadWeights) as problem:
        raise Refused(said_by(problem)) from problem

    def finish() -> Mapping[str, Any]:
        model = keep(run, judged)
        transaction.on_commit(lambda: shutil.rmtree(folder_of(run), ignore_errors=True))
        return {"model": model.number, "state": model.state, "left_out": left_out}

    return finish


def _judged(run: TrainingRun, reporting: Reporting) -> tuple[Judged, Failures]:
    form = run.form or current_form(run.task)
    if form is None:
        raise dataset.BadDataset(Said("The task has no form.", "task_without_form"))
    current = promotion.current(run.task)
    told = form.content["training"]
    data = dataset.load(run.snapshot, told, loading.beside(told, current))
    check_no_leak(data.examples)
    reporting.say(_snapshot_read(run.snapshot.number, len(data.examples)))
    fit = {Speed.FAST: _fast, Speed.FULL: _full}[Speed(run.speed)]
    failures: Failures = {}
    rule = rule_of(form.content["fields"], settings_of(run, form.content["training"]).size)
    if rule is not None:
        reporting.stage(1, 2, Said("what is learned from whole images.", "from_whole_images"))
    model, left = fit(run, form, data, current, reporting, failures)
    missing = dataset.missing(data, failures)
    for sentence in missing.sentences():
        reporting.say(sentence)
    model = model.reading_as(reading.reading_of(told))
    if rule is not None:
        model = _with_crops(run, form, rule, model, left, current, reporting, failures)
    judged = _judge(run, form, model, left, missing, current, reporting)
    return judged, failures


def _fast(
    run: TrainingRun,
    form: Form,
    data: Dataset,
    current: ModelVersion | None,
    reporting: Reporting,
    failures: Failures,
) -> tuple[Model, Dataset]:
    """New heads on the embeddings of the task's own encoder."""
    told = settings_of(run, form.content["training"])
    encoder = loading.encoder_of(
        current, encoders.start_of(run.task, run.start, form), halves=told.halves
    )
    cache = embeddings(data.pictures, encoder, reporting.images, failures)
    data = data.without(failures)
    dense = places.fit(
        form.content["fields"],
        data,
        encoder,
        loading.dense_of(current),
        size=told.size,
        seed=run.seed,
        reporting=reporting,
    )
    fit = partial(
        fit_fast,
        form.content["fields"],
        embeddings=_bags(data, cache),
        encoder=encoder,
        seed=run.seed,
        size=told.size,
        dense=dense,
        covariates=told.covariates,
        pooling=loading.pooling_of(current, several=told.several),
        by_heart=loading.trained(current),
    )
    model, tune = fit(examples=data.examples, report=reporting.fitting), data.of("tune")
    if tune.examples and model.weighable:
        marked = places.mark(model, tune.bags, reporting.weighing)
        # of heads that learned from the split tune nothing could be seen there: a slot that weighs marks keeps these
        held = fit(examples=[_as_test(one) for one in data.examples], report=reporting.still)
        held = held.with_evidence(held.logits(_bags(tune, cache)), marked, tune.examples)
        model = model.with_heads_of(held, held.evidence)
    return model, data


def _as_test(example: Example) -> Example:
    return replace(example, split="test") if example.split == "tune" else example


def _full(
    run: TrainingRun,
    form: Form,
    data: Dataset,
    current: ModelVersion | None,
    reporting: Reporting,
    failures: Failures,
) -> tuple[Model, Dataset]:
    """The encoder and the heads together, from the task's start; goes on from its own checkpoint."""
    cache = images(data.pictures, reporting.images, failures)
    data = data.without(failures)
    model = _trainer()(
        form.content["fields"],
        data.examples,
        Images(*cache.array_for([picture.key for picture in data.pictures]), data.starts),
        settings_of(run, form.content["training"]),
        folder=folder_of(run),
        report=reporting.fitting,
        encoder=loading.started(encoders.start_of(run.task, run.start, form), seed=run.seed),
    )
    if model.encoder is not None:
        # The next fast run is to find all of them at hand.
        embeddings(data.pictures, model.encoder, reporting.keeping, failures)
    return model, data


def _trainer() -> Callable[..., Model]:
    cards = torch.cuda.device_count()
    return train_full if cards < 2 else partial(train_on_cards, processes=cards)


def _with_crops(
    run: TrainingRun,
    form: Form,
    rule: Rule,
    model: Model,
    data: Dataset,
    current: ModelVersion | None,
    reporting: Reporting,
    failures: Failures,
) -> Model:
    """The model with its second stage, which learns from the crops about what the first one and the readers found."""
    content = form.content["fields"]
    own, why_not = crops.learnable(rule, content, model, data)
    if own is None:
        assert why_not is not None
        reporting.say(why_not)
        return model
    about = f"what is learned from the crops about {own.where}."
    reporting.stage(2, 2, Said(about, "from_crops", field=own.where))
    full = Speed(run.speed) == Speed.FULL
    cut = crops.dataset(own, content, data, model, reporting.images, seed=run.seed, drawn=full)
    if full:
        inner = _full_on_crops(run, form, own, cut, reporting, failures)
    else:
        assert model.encoder is not None
        encoder = loading.crop_encoder_of(current, model.encoder)
        inner = _fast_on_crops(run, form, own, cut, encoder, reporting, failures)
    return model.with_staged(Staged.of(own, inner))


def _full_on_crops(
    run: TrainingRun,
    form: Form,
    rule: Rule,
    cut: Dataset,
    reporting: Reporting,
    failures: Failures,
) -> Model:
    """A network of its own, from the same start: what looked for places saw the whole in little."""
    cache = images(cut.pictures, reporting.images, failures)
    cut = cut.without(failures)
    told = settings_of(run, form.content["training"])
    return _trainer()(
        inner_fields(form.content["fields"], rule),
        cut.examples,
        Images(*cache.array_for([picture.key for picture in cut.pictures]), cut.starts),
        # of each case one of the crops that were drawn about it, another one in each step
        replace(told, size=rule.size, images=FIRST, pictures=1),
        folder=folder_of(run) / "crops",
        report=reporting.fitting,
        encoder=loading.started(encoders.start_of(run.task, run.start, form)),
    )


def _fast_on_crops(
    run: TrainingRun,
    form: Form,
    rule: Rule,
    cut: Dataset,
    encoder: Encoder,
    reporting: Reporting,
    failures: Failures,
) -> Model:
    cache = embeddings(cut.pictures, encoder, reporting.images, failures)
    cut = cut.without(failures)
    return fit_fast(
        inner_fields(form.content["fields"], rule),
        cut.examples,
        _bags(cut, cache),
        encoder=encoder,
        seed=run.seed,
        report=reporting.fitting,
        size=rule.size,
        covariates=settings_of(run, form.content["training"]).covariates,
        by_heart=loading.trained(promotion.current(run.task)),
    )


def _judge(
    run: TrainingRun,
    form: Form,
    model: Model,
    data: Dataset,
    missing: Missing,
    current: ModelVersion | None,
    reporting: Reporting,
) -> Judged:
    """Both models answer the same locked test; without a test there is no evaluation, and the gate says no."""
    content, test = form.content["fields"], data.of("test")
    new = predict(model, test, reporting.testing)
    before, other = _before(current, content, test, missing.planes, reporting.testing)
    reporting.doing(Said("Judging on the locked test", "judging"))
    metrics = judging.figures(content, test.examples, new, seed=run.seed)
    group = groups.groups_of(run.snapshot, test.firsts)
    gate = judging.verdict(content, test.examples, new, before, group, other, seed=run.seed)
    gate |= {"not_judged": missing.unread["test"], "against": current and current.number}
    left_out = gate.get("left_out", [])
    metrics = {slot: of for slot, of in metrics.items() if slot not in left_out}
    model = model.without(left_out)
    _, sha256 = model.save(weights.folder())
    again.check_is_new(run, sha256)
    kept = [{slot: said for slot, said in one.items() if slot not in left_out} for one in new]
    proving.prove(sha256, test, kept, lambda stored, few: predict(stored, few, reporting.testing))
    reporting.judged(metrics, gate)
    settings = settings_of(run, form.content["training"])
    told = papers(run, form, model, data, kept, group, settings, missing)
    against = current.pk if current else None
    return Judged(sha256, model.encoder_sha256, metrics, gate, against, told)


def _before(
    current: ModelVersion | None,
    fields: Sequence[Field],
    test: Dataset,
    unread: Collection[Plane],
    report: Report,
) -> tuple[Sequence[judging.Prediction] | None, Sequence[str]]:
    """What the current version says of the test, read as it reads and by the answers that these fields have; and the
    slots that had others when it learned them."""
    if current is None:
        return None, ()
    model = loading.load(current)
    said = predict(model, test.read_as(reading.training_of(current), unread), report)
    return as_asked(model.fields, fields, said)


def predict(model: Model, data: Dataset, report: Report) -> list[dict[str, Any]]:
    assert model.encoder is not None
    failures: Failures = {}
    cache = embeddings(data.pictures, model.encoder, report, failures)
    _check_read(failures)
    marked = places.mark(model, data.bags, report)
    answered = model.answer(_bags(data, cache), marked)
    beside = [example.beside for example in data.examples]
    # about the model's own boxes: those of the readers would flatter it
    cropped = crops.answers(model, data.bags, marked, beside, report, failures)
    _check_read(failures)
    return [one | of for one, of in zip(answered, cropped, strict=True)]


def _check_read(failures: Failures) -> None:
    if failures:
        why = next(iter(failures.values()))
        sentence = f"A test image cannot be read: {why}"
        raise dataset.BadDataset(Said(sentence, "test_image_unreadable", why=why))


def _snapshot_read(snapshot: int, cases: int) -> Said:
    sentence = f"Snapshot {snapshot}: {cases} cases to learn from and test on."
    return Said(sentence, "snapshot_read", snapshot=snapshot, cases=cases)


def _bags(data: Dataset, cache: ArrayCache) -> Bags:
    rows = cache.rows([picture.key for picture in data.pictures])
    return Bags(rows, data.starts, [example.beside for example in data.examples])


def keep(run: TrainingRun, judged: Judged) -> ModelVersion:
    """The version's row, current at once if the gate let it pass; call it inside the finishing transaction.

    When another version became current since the comparison, or a field's answers are others than those that the current
    version learned, the new one stays a candidate for an admin to choose.
    """
    task = Task.objects.select_for_update().get(pk=run.task_id)
    last = ModelVersion.objects.filter(task=task).aggregate(last=Max("number"))["last"] or 0
    passed = judged.gate.get("passed") is True
    gate = {**judged.gate, "test_uses": promotion.uses_of_test(task) + bool(judged.metrics)}
    model = ModelVersion.objects.create(
        task=task,
        number=last + 1,
        run=run,
        weights=judged.weights,
        encoder=judged.encoder,
        metrics=judged.metrics,
        gate=gate,
        state=State.CANDIDATE if passed else State.REFUSED,
    )
    judged.papers.keep(model)
    history.record(model, history.What.MADE, run.by, gate["reason"])
    current = promotion.current(task)
    # Where it answers another question than the current version it was compared with nothing.
    comparable = not gate.get("other_answers")
    if passed and comparable and (current.pk if current else None) == judged.against:
        return promotion.promote(model, None)
    announce(task.topic, "models", model.pk)
    return model


def folder_of(run: TrainingRun) -> Path:
    return Path(settings.RUNS_FOLDER) / str(run.pk)


def tidy(run: TrainingRun) -> None:
    """Remove what runs that ended without a model left behind: nobody goes on from it."""
    root = Path(settings.RUNS_FOLDER)
    for folder in root.iterdir() if root.is_dir() else ():
        if folder.name.isdigit() and not _is_live(int(folder.name)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_live(run_id: int) -> bool:
    run = TrainingRun.objects.select_related("job").filter(pk=run_id).first()
    return run is not None and run.job.is_live
