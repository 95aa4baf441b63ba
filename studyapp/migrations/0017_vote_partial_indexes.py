"""Less to write for each vote that was gathered elsewhere.

Such a vote has no assignment and mostly no trial, so two indexes held nothing of it but its place;
the third, on PostgreSQL, serves searches for a part of an import key, which nobody makes.

Dropped by name, as before: remaking the table would lose the triggers that keep votes append-only.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


def drop(apps, schema_editor):
    for name in _superfluous(schema_editor):
        schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")


def make_again(apps, schema_editor):
    schema_editor.execute("CREATE INDEX studyapp_vote_trial_id_idx ON studyapp_vote (trial_id)")
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE INDEX studyapp_vote_import_key_like "
            "ON studyapp_vote (import_key varchar_pattern_ops)"
        )


def _superfluous(schema_editor):
    """The index over all trials, and the one for parts of an import key."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        there = connection.introspection.get_constraints(cursor, "studyapp_vote")
    return [
        name
        for name, facts in there.items()
        if facts["index"]
        and not facts["unique"]
        and facts["columns"] in (["trial_id"], ["import_key"])
        and name != "vote_trial"
    ]


class Migration(migrations.Migration):
    dependencies = [("studyapp", "0016_expert_answers")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop, make_again)],
            state_operations=[
                migrations.AlterField(
                    model_name="vote",
                    name="trial",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="votes",
                        to="studyapp.trial",
                    ),
                )
            ],
        ),
        migrations.AddIndex(
            model_name="vote",
            index=models.Index(
                condition=Q(trial__isnull=False), fields=["trial"], name="vote_trial"
            ),
        ),
        migrations.RemoveConstraint(model_name="vote", name="vote_once"),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.UniqueConstraint(
                "assignment",
                "trial",
                "sequence",
                condition=Q(assignment__isnull=False),
                name="vote_once",
            ),
        ),
    ]
