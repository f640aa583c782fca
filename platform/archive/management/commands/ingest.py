"""`manage.py ingest PATH… [--csv FILE]`: takes DICOM files, folders and zips of them, and PNG or JPEG with a CSV."""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from archive.deliver import delivery
from archive.ingest import HELD, HERE, REFUSED, TAKEN, Item, ingest_paths
from archive.models import Upload
from archive.receive import FULL, is_full
from archive.refused import Refused
from archive.report_csv import write_report
from archive.text_detector import NoDetector


class Command(BaseCommand):
    help = (
        "Take DICOM files, folders and zips into the archive; PNG and JPEG too, with a CSV"
        " file,patient_id,laterality,body_part_examined. Bad files are named and left out; nothing comes in twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "paths", nargs="+", type=Path, metavar="PATH", help="a file, a zip or a folder"
        )
        parser.add_argument(
            "--csv", type=Path, metavar="FILE", help="whose picture each PNG or JPEG is"
        )
        parser.add_argument(
            "--body-part", default="", metavar="NAME", help="of pictures whose row does not say it"
        )
        parser.add_argument(
            "--report", type=Path, metavar="FILE", help="write what became of each file as CSV"
        )

    def handle(self, *args: Any, paths: list[Path], csv: Path | None, **options: Any) -> None:
        missing = [str(path) for path in [*paths, *([csv] if csv else [])] if not path.exists()]
        if missing:
            raise CommandError(f"{missing[0]} does not exist; check the path.")
        try:
            with delivery(Upload.Way.COMMAND) as upload:
                ingest_paths(
                    paths,
                    csv=csv,
                    body_part_examined=options["body_part"],
                    upload=upload,
                    progress=self._show(),
                )
        except Refused as reason:
            raise CommandError(f"{csv} {reason}") from reason
        except NoDetector as lack:
            raise CommandError(str(lack)) from lack
        except OSError as error:
            if not is_full(error):
                raise
            raise CommandError(f"{FULL} What was taken stays; run it again then.") from error
        upload.refresh_from_db()
        self._summarise(upload, options["report"])
        if not (upload.taken or upload.already or upload.held):
            raise CommandError("Nothing could be taken.")

    def _show(self) -> Any:
        """Refusals one by one; the rest as one running count, rewritten in place on a terminal."""
        counts: Counter[str] = Counter()
        terminal = sys.stdout.isatty()

        def show(item: Item) -> None:
            counts[item.outcome] += 1
            done = counts.total()
            if item.outcome == REFUSED:
                self.stdout.write(f"refused: {item.reason}")
            if terminal or done % 500 == 0:
                text = f"{done} files: {counts[TAKEN]} taken, {counts[HERE]} already here, {counts[HELD]} held"
                self.stdout.write(text, ending="\r" if terminal else "\n")
                self.stdout.flush()

        return show

    def _summarise(self, upload: Upload, report: Path | None) -> None:
        files = upload.taken + upload.already + upload.held + upload.refused
        self.stdout.write(
            f"{upload.taken} taken, {upload.already} already here, {upload.held} held,"
            f" {upload.refused} refused, of {files} files."
        )
        if upload.held:
            self.stdout.write(
                "Look at the held ones on the page Data: text may be in their pixels."
            )
        if report is not None:
            with report.open("w", encoding="utf-8-sig", newline="") as file:
                write_report(file, upload)
