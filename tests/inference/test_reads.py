"""A read that is opened again shows what its reader saw then, and never more."""

import pytest

from annotation.models import Annotation
from annotation.reading import Save, submit
from inference.models import Showing
from tests.factories.annotation import grade, make_reader, whole
from tests.inference.test_next import ask, client_of, make_predicted_task

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("unassisted_share", "shown"), [(0.0, 3), (1.0, None)])
def test_a_read_opened_again_shows_what_was_shown_then(
    unassisted_share: float, shown: int | None
) -> None:
    task, reader = make_predicted_task(unassisted_share)
    given = ask(client_of(reader), task).json()
    read = given["annotation"]["id"]
    submit(read, reader, Save(0, grade(1)), "a")

    answer = client_of(reader).get(f"/api/annotations/{read}/")

    got = answer.json()
    assert set(got) == set(given)
    assert (got["annotation"]["state"], got["annotation"]["answers"]) == (
        "submitted",
        whole(grade(1)),
    )
    assert (got["case"], got["form"]) == (given["case"], given["form"])
    assert got["prediction"] == given["prediction"]
    assert (got["prediction"] and got["prediction"]["slots"]["kl"]["value"]) == shown
    if shown is None:
        assert "probabilities" not in answer.content.decode()


def test_a_prediction_that_came_after_the_read_is_not_shown() -> None:
    task, reader = make_predicted_task(0.0)
    read = ask(client_of(reader), task).json()["annotation"]["id"]
    Showing.objects.filter(annotation=read).update(model=None, slots=None, shown_at=None)
    submit(read, reader, Save(0, grade(1)), "a")
    assert client_of(reader).get(f"/api/annotations/{read}/").json()["prediction"] is None


def test_nobody_else_opens_it() -> None:
    task, reader = make_predicted_task(0.0)
    read = ask(client_of(reader), task).json()["annotation"]["id"]
    assert Annotation.objects.get(pk=read).reader == reader
    assert client_of(make_reader(task)).get(f"/api/annotations/{read}/").status_code == 404
