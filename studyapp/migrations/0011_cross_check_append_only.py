"""The database itself refuses to change a cross-check, as it does for votes (see 0002)."""

from django.db import migrations

TABLES = ("studyapp_crosscheckitem", "studyapp_crosscheckanswer")
SQLITE = """
CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, 'a cross-check is append-only'); END;
"""
FUNCTION = """
CREATE FUNCTION studyapp_cross_check_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a cross-check is append-only'; END $$;
"""
POSTGRES = """
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION studyapp_cross_check_append_only();
"""


def add(apps, schema_editor):
    cursor, vendor = schema_editor.connection.cursor(), schema_editor.connection.vendor
    if vendor == "postgresql":
        cursor.execute(FUNCTION)
    statement = {"sqlite": SQLITE, "postgresql": POSTGRES}.get(vendor)
    for table in TABLES if statement else ():
        cursor.execute(statement.format(table=table))


def remove(apps, schema_editor):
    cursor, vendor = schema_editor.connection.cursor(), schema_editor.connection.vendor
    for table in TABLES:
        if vendor == "sqlite":
            cursor.execute(f"DROP TRIGGER {table}_no_update")
        elif vendor == "postgresql":
            cursor.execute(f"DROP TRIGGER {table}_no_change ON {table}")
    if vendor == "postgresql":
        cursor.execute("DROP FUNCTION studyapp_cross_check_append_only()")


class Migration(migrations.Migration):
    dependencies = [("studyapp", "0010_link_and_cross_check")]
    operations = [migrations.RunPython(add, remove)]
