import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0009_one_task_per_name"),
        ("training", "0005_whole_reasons"),
    ]

    operations = [
        migrations.AddField(
            model_name="trainingrun",
            name="form",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="annotation.form",
            ),
        ),
    ]
