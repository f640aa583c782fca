from django.db import migrations, models

# what there is is of the picture that its prediction names
NAMED = """
UPDATE inference_heatmap h
SET image = p.looked -> h.slot ->> 'image', frame = (p.looked -> h.slot ->> 'frame')::int
FROM inference_prediction p
WHERE p.id = h.prediction_id AND p.looked -> h.slot ->> 'image' IS NOT NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('inference', '0002_serving'),
    ]

    operations = [
        migrations.AddField(
            model_name='heatmap',
            name='image',
            field=models.CharField(default='', max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='heatmap',
            name='frame',
            field=models.PositiveIntegerField(default=1),
            preserve_default=False,
        ),
        migrations.RunSQL(NAMED, migrations.RunSQL.noop),
        migrations.RemoveConstraint(
            model_name='heatmap',
            name='one_heat_map_per_slot',
        ),
        migrations.AddConstraint(
            model_name='heatmap',
            constraint=models.UniqueConstraint(fields=('prediction', 'slot', 'image', 'frame'), name='one_heat_map_per_picture'),
        ),
    ]
