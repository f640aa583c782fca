from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('training', '0003_starting_weights'),
    ]

    operations = [
        migrations.AddField(
            model_name='decision',
            name='reason_said',
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name='modelevent',
            name='reason_said',
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name='startingweights',
            name='name_said',
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name='startingweights',
            name='source_said',
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name='trainingrun',
            name='trigger_said',
            field=models.JSONField(db_default={}, default=dict),
        ),
    ]
