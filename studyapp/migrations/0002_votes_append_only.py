"""The database itself refuses to change a vote, whoever asks.

SQLite keeps deletion open at this level, since emptying a test database is a DELETE there;
PostgreSQL, where studies are run for real, refuses both.
"""

from django.db import migrations

SQLITE = """
CREATE TRIGGER studyapp_vote_no_update BEFORE UPDATE ON studyapp_vote
BEGIN SELECT RAISE(ABORT, 'votes are append-only'); END;
"""
POSTGRES = """
CREATE FUNCTION studyapp_vote_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'votes are append-only'; END $$;
CREATE TRIGGER studyapp_vote_no_change BEFORE UPDATE OR DELETE ON studyapp_vote
FOR EACH ROW EXECUTE FUNCTION studyapp_vote_append_only();
"""


def add(apps, schema_editor):
    statement = {"sqlite": SQLITE, "postgresql": POSTGRES}.get(schema_editor.connection.vendor)
    if statement:
        schema_editor.connection.cursor().execute(statement)


def remove(apps, schema_editor):
    cursor = schema_editor.connection.cursor()
    if schema_editor.connection.vendor == "sqlite":
        cursor.execute("DROP TRIGGER studyapp_vote_no_update")
    elif schema_editor.connection.vendor == "postgresql":
        cursor.execute("DROP TRIGGER studyapp_vote_no_change ON studyapp_vote")
        cursor.execute("DROP FUNCTION studyapp_vote_append_only()")


class Migration(migrations.Migration):
    dependencies = [("studyapp", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
