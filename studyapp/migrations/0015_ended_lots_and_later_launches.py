from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('studyapp', '0014_keep_conditions_apart'),
    ]

    operations = [
        migrations.AddField(
            model_name='hit',
            name='asked_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='hit',
            name='only_undecided',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='study',
            name='launches_by_itself',
            field=models.BooleanField(default=False, help_text='Once the first is out, each is published when its hours have passed, unless the study was stopped. Off: somebody publishes it.', verbose_name='publish later conditions by themselves'),
        ),
    ]
