"""Names that stand more than once, whatever their case, get a number before the database refuses them."""

from itertools import count
from typing import Any

import django.db.models.functions.text
from django.db import migrations, models


def number_doubles(apps: Any, schema_editor: Any) -> None:
    task = apps.get_model("annotation", "Task")
    names = list(task.objects.order_by("id").values_list("id", "name"))
    taken = {name.lower() for _, name in names}
    kept: set[str] = set()
    for pk, name in names:
        if name.lower() not in kept:
            kept.add(name.lower())
            continue
        endings = (f" ({number})" for number in count(2))
        free = (name[: 120 - len(ending)] + ending for ending in endings)
        new = next(one for one in free if one.lower() not in taken)
        taken.add(new.lower())
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
