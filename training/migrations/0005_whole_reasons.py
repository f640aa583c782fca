from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("training", "0004_said"),
    ]

    operations = [
        migrations.AlterField(
            model_name="modelevent",
            name="reason",
            field=models.TextField(blank=True, default=""),
        ),
    ]
