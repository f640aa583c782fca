"""`manage.py ingest PATH… [--csv FILE]`: takes DICOM files, folders of them, and PNG or JPEG with a CSV."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from archive import check_text
from archive.ingest import HERE, REFUSED, TAKEN, Item, Report, ingest_paths
from archive.refused import Refused
from archive.text_detector import NoDetector


class Command(BaseCommand):
    help = (
        "Take DICOM files and folders into the archive; PNG and JPEG too, with a CSV"
        " file,patient_id,laterality,body_part_examined. Bad files are named and left out; nothing comes in twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "paths", nargs="+", type=Path, metavar="PATH", help="a file or a folder"
        )
        parser.add_argument(
            "--csv", type=Path, metavar="FILE", help="whose picture each PNG or JPEG is"
        )
        parser.add_argument(
            "--body-part", default="", metavar="NAME", help="of pictures whose row does not say it"
        )

    def handle(self, *args: Any, paths: list[Path], csv: Path | None, **options: Any) -> None:
        missing = [str(path) for path in [*paths, *([csv] if csv else [])] if not path.exists()]
        if missing:
            raise CommandError(f"{missing[0]} does not exist; check the path.")
        try:
            report = ingest_paths(
                paths, csv=csv, body_part_examined=options["body_part"], progress=self._show()
            )
        except Refused as reason:
            raise CommandError(f"The CSV {reason}") from reason
        self._check_text()
        self._summarise(report)
        if not report.count(TAKEN) and not report.count(HERE):
            raise CommandError("Nothing could be taken.")

    def _show(self) -> Any:
        """Refusals one by one; the rest as one running count, rewritten in place on a terminal."""
        counts = {TAKEN: 0, HERE: 0, REFUSED: 0}
        terminal = sys.stdout.isatty()

        def show(item: Item) -> None:
            counts[item.outcome] += 1
            done = sum(counts.values())
            if item.outcome == REFUSED:
                self.stdout.write(f"refused: {item.reason}")
            if terminal or done % 500 == 0:
                text = f"{done} files: {counts[TAKEN]} taken, {counts[HERE]} already here"
                self.stdout.write(text, ending="\r" if terminal else "\n")
                self.stdout.flush()

        return show

    def _check_text(self) -> None:
        try:
            checked = check_text.run_waiting()
        except NoDetector as missing:
            raise CommandError(str(missing)) from missing
        if checked.held:
            self.stdout.write(
                f"{checked.held} are held: text was found in their pixels; look at them on the page Data."
            )

    def _summarise(self, report: Report) -> None:
        self.stdout.write(
            f"{report.count(TAKEN)} taken, {report.count(HERE)} already here,"
            f" {report.count(REFUSED)} refused, of {len(report.items)} files."
        )
