"""A scripted reader in Chromium; at a random moment the network is cut, an answer is lost or the tab is killed.

A new tab goes on, and everything that was typed a second before or was called saved must be on the server or on the
page, once.
"""

import random
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Route

from config.demo_accounts import READER
from tests.benchmarks.figures import Figure
from tests.benchmarks.losses_reader import Known, Reader
from tests.browser import chromium
from tests.instance import Instance

TRIALS = 100
KEPT_AFTER = 1.0  # seconds; what is typed later may be gone with its tab
PATIENCE = 30.0  # seconds that the new tab has to bring everything to the server
Rows = dict[int, tuple[str, int | None]]

STANDS = """
SELECT id, state, answers->'kl'->>'value' FROM annotation_annotation WHERE id = ANY(%s)
"""
# Whatever stood in the database at any time, seen by the database itself: the history keeps no text of a draft's autosaves.
WITNESS = """
CREATE TABLE witness (annotation bigint, value text, at timestamptz);
CREATE FUNCTION witness() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO witness VALUES (NEW.id, NEW.answers->'kl'->>'value', now());
  RETURN NULL;
END $$;
CREATE TRIGGER witness AFTER INSERT OR UPDATE ON annotation_annotation
  FOR EACH ROW EXECUTE FUNCTION witness();
"""
SAID = """
SELECT count(*) FROM witness WHERE annotation = %s AND value = %s AND at <= to_timestamp(%s)
"""
DOUBLED = """
SELECT (SELECT count(*) FROM (
    SELECT pgh_obj_id FROM annotation_annotationevent WHERE state = 'submitted'
    GROUP BY pgh_obj_id HAVING count(DISTINCT version) > 1) again)
  + (SELECT count(*) FROM (
    SELECT 1 FROM annotation_annotation GROUP BY case_id, reader_id HAVING count(*) > 1) twice)
"""
CALM = "from annotation.models import Task; Task.objects.update(retrain_every=0)"


@dataclass
class Tally:
    lost: int = 0
    false_saved: int = 0
    asked: int = 0
    typed: int = 0
    kinds: Counter[str] = field(default_factory=Counter)


def cut(reader: Reader, chance: random.Random) -> None:
    """No network for a while; he goes on reading as far as he can, and may lose the tab as well."""
    reader.context.set_offline(True)
    reader.read_until(time.time() + 2.5 * chance.random())
    if chance.random() < 0.5:
        reader.crash()
    reader.context.set_offline(False)


def lose_answers(reader: Reader, chance: random.Random) -> None:
    """The server gets the next requests, and their answers never come back."""

    def lose(route: Route) -> None:
        with suppress(BrowserError):  # the tab may be gone by then
            route.fetch()
            route.abort()

    reader.context.route("**/api/annotations/**", lose, times=chance.randrange(1, 4))
    reader.read_until(time.time() + 2.5 * chance.random())
    if chance.random() < 0.5:
        reader.crash()
    reader.context.unroute_all(behavior="ignoreErrors")


def crash(reader: Reader, chance: random.Random) -> None:
    reader.crash()


def close(reader: Reader, chance: random.Random) -> None:
    reader.page.close()


TROUBLES = {
    "network cut": cut,
    "answers lost": lose_answers,
    "tab crashed": crash,
    "tab closed": close,
}


def must_be(known: Known, said: list[tuple[int, float]], end: float) -> set[int] | None:
    """The values that may stand: the last that counts, and what was typed after it. None where nothing counts."""
    counts = [
        number
        for number, (value, at) in enumerate(known.typed)
        if end - at >= KEPT_AFTER or any(of == value and when >= at for of, when in said)
    ]
    return {value for value, _ in known.typed[counts[-1] :]} if counts else None


def missing(reader: Reader, stands: Rows, end: float) -> list[str]:
    found = []
    shown = reader.at_hand()
    for annotation, known in reader.known.items():
        said = [(value, at) for of, value, at in reader.said if of == annotation]
        wanted = must_be(known, said, end)
        state, value = stands[annotation]
        here = shown["annotation"] == annotation
        if wanted is not None and value not in wanted and not (here and shown["value"] in wanted):
            found.append(
                f"annotation {annotation}: {known} {said}, but it has {value}, page {shown}"
            )
        if known.submitted and end - known.submitted >= KEPT_AFTER and state != "submitted":
            found.append(f"annotation {annotation} was submitted, but it is {state}")
    return found


def trial(
    reader: Reader, database: "psycopg.Connection", tally: Tally, chance: random.Random
) -> None:
    kind = chance.choice(list(TROUBLES))
    tally.kinds[kind] += 1
    reader.known, reader.said = {}, []
    reader.read_until(time.time() + 4 * chance.random())
    TROUBLES[kind](reader, chance)
    end = time.time()
    if not reader.page.is_closed():
        reader.pause(2000 * chance.random())
        reader.page.close()
    reader.open()
    wrong, until = ["not looked at"], time.time() + PATIENCE
    while wrong and time.time() < until:
        reader.page.wait_for_timeout(300)
        rows = database.execute(STANDS, [list(reader.known)]).fetchall()
        stands = {pk: (state, int(value) if value else None) for pk, state, value in rows}
        wrong = missing(reader, stands, end)
    for sentence in wrong:
        print(f"   lost, {kind}: {sentence}")
    tally.lost += len(wrong)
    tally.typed += sum(len(known.typed) for known in reader.known.values())
    for annotation, value, at in reader.said:
        row = database.execute(SAID, [annotation, str(value), at]).fetchone()
        if not row or not row[0]:
            print(f"   false, {kind}: {value} of annotation {annotation}")
            tally.false_saved += 1
    if reader.at_hand()["asks"]:
        tally.asked += 1
        reader.page.get_by_test_id("conflict").get_by_role("button").first.click()


def measure(instance: Instance) -> tuple[list[Figure], str]:
    instance.manage("shell", "--no-imports", "-v0", "-c", CALM)
    tally = Tally()
    url = instance.environment["DATABASE_URL"]
    with chromium.browser() as browser, psycopg.connect(url, autocommit=True) as database:
        database.execute(WITNESS)
        context = chromium.context(browser)
        first = context.new_page()
        chromium.sign_in(first, instance.origin, READER)
        first.close()
        reader = Reader(context, f"{instance.origin}/read/1", random.Random(0))
        for number in range(TRIALS):
            reader.random = random.Random(number)
            trial(reader, database, tally, random.Random(1000 + number))
        row = database.execute(DOUBLED).fetchone()
    doubled = int(row[0]) if row else 0
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(tally.kinds.items()))
    figures = [
        Figure("losses.lost", tally.lost, "≤ 0", f"answers of {TRIALS} trials that are nowhere"),
        Figure("losses.doubled", doubled, "≤ 0", "reads with two submitted revisions or two rows"),
        Figure("losses.false_saved", tally.false_saved, "≤ 0", '"saved" that the server had not'),
        Figure("losses.asked", tally.asked, "", "trials in which the reader had to choose a text"),
    ]
    return figures, (
        f"{TRIALS} trials in Chromium ({kinds}), each at a random moment in four seconds of reading by keyboard; "
        f"{tally.typed} answers typed. An answer counts where it was typed {KEPT_AFTER:.0f} s before the end, or the "
        "page had called it saved; then it must stand on the server, or on the page of a new tab. Judged by the "
        "database and its append-only history.\n"
    )
