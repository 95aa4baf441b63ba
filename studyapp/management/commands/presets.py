"""List the presets."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from studyapp.presets import presets


class Command(BaseCommand):
    help = "List the studies of the papers that `new_study --preset` starts, and what each needs."

    def handle(self, *args: Any, **options: Any) -> None:
        for preset in presets():
            self.stdout.write(f"{preset.name}\n  {preset.about}\n  Needs: {preset.needs}.")
        self.stdout.write(
            "Next: manage.py new_study --preset NAME --name STUDY --set SET --model M"
        )
