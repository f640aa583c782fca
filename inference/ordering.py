"""Which case is read next: the cases that teach most, mixed with a random control share that never ends.

Two streams are interleaved, and the locked test stands in neither. A case belongs to the *control* stream by a seeded draw on its id, with the task's random
share as the chance; that stream is read in seeded random order whatever any model says, so its reads are a random
sample of the task, and whether active learning pays can be told by comparing them with the rest. No table holds it:
`is_control` answers for any case, then and later (the export's column `stream` does). The other cases are *ranked*, by the
slot that scores highest:

    score = uncertainty * (1 + BALANCE * rarity of the predicted value) * (1 - JITTER * draw)

of the slots that would be asked if the model's answers were the reader's: nobody reads a case for the box of a fracture that
it surely has not.

Uncertainty is the slot's own (expected ordinal spread for a grade, 0 to 1), rarity is 1 - the share of the value among the
references of the slot that teach, and the jitter keeps near-equal cases from standing in the same order for ever.

Cases of *test* patients are spread over the ranked ones by a seeded draw. Did the model order them, the test would fill with
what the current model finds hard, and any new one would look better on it. Nor do answers of the test count for rarity. In each
batch a patient has one case at most, in either stream; his others wait for the batches after. The control slots follow
a quota over all reads so far, so that frequent re-ordering cannot starve them. Before any model all cases stand in
seeded random order.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from annotation import splits
from annotation.catalogue import current_form
from annotation.models import Case, Task
from annotation.worklist import set_priorities
from inference.draws import fraction
from inference.models import Prediction
from inference.unasked import asked
from jobs.events import announce
from training import promotion
from training.teaching import teaching

BALANCE = 0.5
JITTER = 0.2
BATCH = 20
CHUNK = 200  # rows of a transaction: claims pass over locked rows, so only few are locked at a time


@dataclass(frozen=True)
class Waiting:
    case: int
    patient: int
    score: float  # 0 to 1, higher: sooner; of a control or a test case, its draw


def is_control(task: Task, case_id: int) -> bool:
    """Whether the case belongs to the random control stream: fixed by task and case for ever."""
    return fraction("control", task.seed, task.pk, case_id) < task.random_share


def order(task: Task) -> int:
    """Set the priorities of all waiting cases; how many there were. Leases are left alone."""
    cases = Case.objects.filter(task=task, state=Case.State.WAITING)
    waiting = list(cases.values_list("pk", "patient_id", "patient__patient_id"))
    current = promotion.current(task)
    if current is None:
        line = sorted(
            (case for case, *_ in waiting), key=lambda case: fraction("order", task.seed, case)
        )
    else:
        scores = _scores(task, current.pk)
        line = list(_line(task, waiting, scores))
    for start in range(0, len(line), CHUNK):
        part = line[start : start + CHUNK]
        set_priorities(task, {case: 1 - (start + i) / len(line) for i, case in enumerate(part)})
    announce(task.topic, "cases", None)
    return len(line)


def _line(
    task: Task, waiting: Sequence[tuple[int, int, str]], scores: Mapping[int, float]
) -> Iterator[int]:
    tested = splits.of_test(task, {pk: patient_id for _, pk, patient_id in waiting})
    chosen = [case for case, pk, _ in waiting if pk not in tested and not is_control(task, case)]
    places = _places(chosen, scores)
    control: list[Waiting] = []
    ranked: list[Waiting] = []
    for case, patient, _ in waiting:
        place = places.get(case, fraction("order", task.seed, case))
        (control if is_control(task, case) else ranked).append(Waiting(case, patient, place))
    read = Case.objects.filter(task=task, state=Case.State.READ).values_list("pk", flat=True)
    done = [is_control(task, case) for case in read]
    size = task.retrain_every or BATCH
    return interleave(control, ranked, task.random_share, (sum(done), len(done)), size)


def _places(cases: Sequence[int], scores: Mapping[int, float]) -> dict[int, float]:
    """The cases by their scores, evenly over (0, 1): so a draw falls anywhere among them."""
    line = sorted(cases, key=lambda case: (scores.get(case, 0.0), -case))
    return {case: (number + 0.5) / len(line) for number, case in enumerate(line)}


def interleave(
    control: Iterable[Waiting],
    ranked: Iterable[Waiting],
    share: float,
    so_far: tuple[int, int],
    size: int,
) -> Iterator[int]:
    """Case ids in reading order; `so_far` counts (control, all) reads. Whenever both streams have cases left, the
    control reads are at least `share` of all reads so far, give or take the one at hand."""
    streams = {
        True: sorted(control, key=lambda w: (-w.score, w.case)),
        False: sorted(ranked, key=lambda w: (-w.score, w.case)),
    }
    taken, total = so_far
    while streams[True] or streams[False]:
        patients: set[int] = set()
        for _ in range(size):
            turn = taken < share * (total + 1)
            found = _first(streams[turn], patients)
            if found is None:
                turn = not turn
                found = _first(streams[turn], patients)
            if found is None:
                break  # every patient left has a case in this batch
            patients.add(found.patient)
            taken, total = taken + turn, total + 1
            yield found.case


def _first(stream: list[Waiting], patients: set[int]) -> Waiting | None:
    for index, waiting in enumerate(stream):
        if waiting.patient not in patients:
            return stream.pop(index)
    return None


def _scores(task: Task, model: int) -> dict[int, float]:
    rarity, form = _rarity(task), current_form(task)
    fields = form.content["fields"] if form else []
    rows = Prediction.objects.filter(model=model, case__state=Case.State.WAITING)
    return {
        case: (1 - JITTER * fraction("jitter", task.seed, model, case))
        * max(
            (
                of["uncertainty"] * (1 + BALANCE * rarity(slot, of["value"]))
                for slot, of in asked(fields, slots).items()
            ),
            default=0.0,
        )
        for case, slots in rows.values_list("case", "slots")
    }


class _Rarity:
    """1 - the share of a value among the answered references of its slot; 1 for a value never seen.

    Regions and several choices at once are no values that could be rare: 0.
    """

    def __init__(self, answers: Iterable[Mapping[str, Mapping[str, object]]]) -> None:
        self.counts: dict[str, Counter[object]] = {}
        for answer in answers:
            for slot, given in answer.items():
                if given.get("state") == "answered" and not isinstance(given["value"], list):
                    self.counts.setdefault(slot, Counter())[given.get("value")] += 1

    def __call__(self, slot: str, value: object) -> float:
        if isinstance(value, list):
            return 0.0
        counts = self.counts.get(slot)
        return 1 - counts[value] / counts.total() if counts else 1.0


def _rarity(task: Task) -> _Rarity:
    return _Rarity(teaching(task).values_list("answers", flat=True))
