from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='job',
            name='error_said',
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name='job',
            name='text_said',
            field=models.JSONField(db_default={}, default=dict),
        ),
    ]
