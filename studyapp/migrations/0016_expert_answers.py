import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('studyapp', '0015_ended_lots_and_later_launches'),
    ]

    operations = [
        migrations.CreateModel(
            name='ExpertAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answer', models.CharField(choices=[('yes', 'Yes'), ('no', 'No')], max_length=3)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('image', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='studyapp.image')),
                ('label_class', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='studyapp.labelclass')),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='expert_answers', to='studyapp.study')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(models.F('study'), models.F('image'), models.F('label_class'), name='expert_answer_once'), models.CheckConstraint(condition=models.Q(('answer__in', ['yes', 'no'])), name='expert_answer_yes_or_no')],
            },
        ),
    ]
