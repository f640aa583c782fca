"""What a client likes best, by its Accept header."""

from archive.dicomweb.accept import ranges


def test_it_takes_the_best_of_what_a_client_likes() -> None:
    found = ranges(
        'text/html;q=0.1, multipart/related; type="a/b"; transfer-syntax=*, x/y;q=0.5, z/z;q=0'
    )

    assert [(one.media_type, one.multipart) for one in found] == [
        ("a/b", True),
        ("x/y", False),
        ("text/html", False),
    ]
