"""Two indexes fewer to keep for each vote: longer ones begin with the same columns.

Dropped by name, and not by remaking the table as SQLite would: that would lose the triggers which
keep votes append-only, and copy every vote.
"""

import django.db.models.deletion
from django.db import migrations, models

COLUMNS = ("study_id", "assignment_id")


def drop(apps, schema_editor):
    for name in _indexes(schema_editor).values():
        schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")


def make_again(apps, schema_editor):
    for column in set(COLUMNS) - set(_indexes(schema_editor)):
        schema_editor.execute(
            f"CREATE INDEX studyapp_vote_{column}_idx ON studyapp_vote ({column})"
        )


def _indexes(schema_editor):
    """The indexes over one of these columns alone."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        there = connection.introspection.get_constraints(cursor, "studyapp_vote")
    return {
        facts["columns"][0]: name
        for name, facts in there.items()
        if facts["index"]
        and not facts["unique"]
        and len(facts["columns"]) == 1
        and facts["columns"][0] in COLUMNS
    }


class Migration(migrations.Migration):
    dependencies = [("studyapp", "0006_analysis_plan")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop, make_again)],
            state_operations=[
                migrations.AlterField(
                    model_name="vote",
                    name=name,
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="votes",
                        to=f"studyapp.{name}",
                        **nullable,
                    ),
                )
                for name, nullable in (
                    ("study", {}),
                    ("assignment", {"null": True, "blank": True}),
                )
            ],
        )
    ]
