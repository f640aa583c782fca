"""Names that stand more than once, whatever their case, get a number before the database refuses them."""

from itertools import count
from typing import Any

import django.db.models.functions.text
from django.db import migrations, models
from django.db.models import Value
from django.db.models.functions import Lower


def number_doubles(apps: Any, schema_editor: Any) -> None:
    task = apps.get_model("annotation", "Task")
    kept: set[str] = set()
    # as the database lowers them, which Python may do otherwise
    told = task.objects.annotate(lower=Lower("name")).order_by("id")
    for pk, name, lower in list(told.values_list("id", "name", "lower")):
        if lower not in kept:
            kept.add(lower)
            continue
        for number in count(2):
            ending = f" ({number})"
            new = name[: 120 - len(ending)] + ending
            if not told.filter(lower=Lower(Value(new))).exists():
                break
        task.objects.filter(pk=pk).update(name=new)


class Migration(migrations.Migration):
    dependencies = [("annotation", "0008_priors")]

    operations = [
        migrations.RunPython(number_doubles, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("name"), name="one_task_per_name"
            ),
        ),
    ]
