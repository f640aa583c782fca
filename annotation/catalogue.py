"""The templates: ready-made forms with their codes, case rule, hanging protocol and training settings."""

import re
import tomllib
from pathlib import Path
from typing import Any

from django.db import transaction

from annotation import case_rule, forms, hanging
from annotation.models import Form, Task

FOLDER = Path(__file__).parent / "templates"
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class TemplateProblem(ValueError):
    """A template that is unknown or says what a form cannot be; its text is a sentence for people."""


def names() -> dict[str, str]:
    """The templates that there are: slug → name."""
    return {
        slug: load(slug)["name"] for slug in sorted(path.stem for path in FOLDER.glob("*.toml"))
    }


def load(slug: str) -> dict[str, Any]:
    """A template's data, checked; TemplateProblem where there is none of that name or it has a fault."""
    path = FOLDER / f"{slug}.toml"
    if not SLUG.fullmatch(slug) or not path.is_file():
        raise TemplateProblem(f"There is no template {slug!r}; choose one of {_known()}.")
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    problems = [*forms.problems(content), *case_rule.problems(content), *hanging.problems(content)]
    if content.get("slug") != slug:
        problems.append(f"Its slug must be its file's name, {slug!r}.")
    if problems:
        raise TemplateProblem(f"Template {path.name}: {' '.join(problems)}")
    return content


def _known() -> str:
    return ", ".join(sorted(path.stem for path in FOLDER.glob("*.toml")))


@transaction.atomic
def publish(task: Task) -> Form:
    """The task's form as its template now says: a new version only where the content changed."""
    Task.objects.select_for_update().get(pk=task.pk)
    content = load(task.template)
    latest = current_form(task)
    if latest is not None and latest.content == content:
        return latest
    return Form.objects.create(
        task=task, version=(latest.version if latest else 0) + 1, content=content
    )


def current_form(task: Task) -> Form | None:
    return Form.objects.filter(task=task).order_by("-version").first()
