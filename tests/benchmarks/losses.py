"""`make bench ONLY=losses`: what a cut network, a killed tab and two tabs at once do to answers. Nothing may be lost."""

from tests.benchmarks import losses_races, losses_tabs
from tests.benchmarks.figures import Figure
from tests.instance import running

CASES = 300


def measure() -> tuple[list[Figure], str]:
    with running("losses") as instance:
        # its task is the first one, which the tabs read
        instance.manage("demo", "--cases", str(CASES), "--large", "0", "--reads", "0")
        tabs, of_tabs = losses_tabs.measure(instance)
        races, of_races = losses_races.measure(instance)
    return [*tabs, *races], f"{of_tabs.strip()}\n\n{of_races.strip()}"
