"""The templates: ready-made forms with their codes, case rule, hanging protocol and training settings."""

import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction

from annotation import case_rule, codes, forms, hanging, learning
from annotation.covariates import problems as covariate_problems
from annotation.models import Form, Task
from annotation.volumes import clashes as volume_clashes
from annotation.volumes import problems as volume_problems

FOLDER = Path(__file__).parent / "templates"
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class TemplateProblem(ValueError):
    """A template that is unknown or says what a form cannot be; its text is a sentence for people."""


def names() -> dict[str, str]:
    """The templates that a task can be made from: slug → name."""
    return {slug: one.name for slug, one in listed().items() if not one.problem}


class Listed(NamedTuple):
    name: str
    problem: str = ""  # what is wrong with it
    name_zh: str | None = None


def listed() -> dict[str, Listed]:
    """Every template by its slug; a faulty one has that as its name."""
    found = {}
    for slug in sorted(path.stem for path in FOLDER.glob("*.toml")):
        try:
            content = load(slug)
            found[slug] = Listed(content["name"], name_zh=content.get("name_zh"))
        except TemplateProblem as problem:
            found[slug] = Listed(slug, str(problem))
    return found


def load(slug: str) -> dict[str, Any]:
    """A template's data, checked; TemplateProblem where there is none of that name or it has a fault."""
    path = FOLDER / f"{slug}.toml"
    if not SLUG.fullmatch(slug) or not path.is_file():
        raise TemplateProblem(f"There is no template {slug!r}; choose one of {_known()}.")
    content = _coded(path)
    problems = [*forms.problems(content), *case_rule.problems(content), *hanging.problems(content)]
    if content.get("slug") != slug:
        problems.append(f"Its slug must be its file's name, {slug!r}.")
    if not problems:
        problems += learning.problems(content) or [
            *covariate_problems(content),
            *volume_problems(content),
        ]
    if problems:
        raise TemplateProblem(f"Template {path.name}: {' '.join(problems)}")
    return content


def _coded(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = codes.spelled_out(tomllib.loads(path.read_text(encoding="utf-8")))
    except LookupError as missing:
        raise TemplateProblem(
            f"Template {path.name}: the code {missing} stands in no table; add it to codes.toml."
        ) from missing
    except ValueError as fault:  # no TOML, or no UTF-8
        raise TemplateProblem(f"Template {path.name} cannot be read: {fault}") from fault
    return content


def _known() -> str:
    return ", ".join(sorted(path.stem for path in FOLDER.glob("*.toml")))


@transaction.atomic
def publish(task: Task) -> Form:
    """The task's form as its template now says: a new version only where the content changed.

    Drafts keep the version that they answer; cases that are opened from now on get the new one. TemplateProblem where an
    old field's answers would be mixed with those to another question of the same key.
    """
    Task.objects.select_for_update().get(pk=task.pk)
    content = load(task.template)
    latest = current_form(task)
    if latest is not None and latest.content == content:
        return latest
    for old in Form.objects.filter(task=task):
        if clashes := [*forms.clashes(old.content, content), *volume_clashes(old.content, content)]:
            raise TemplateProblem(f"Form {old.version} of the task: {' '.join(clashes)}")
    return Form.objects.create(
        task=task, version=(latest.version if latest else 0) + 1, content=content
    )


def current_form(task: Task) -> Form | None:
    return Form.objects.filter(task=task).order_by("-version").first()
