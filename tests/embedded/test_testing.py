import os

import psycopg
import redis


def test_it_gives_the_run_a_database_of_its_own() -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        row = connection.execute("SHOW server_version_num").fetchone()
    assert row is not None
    assert int(row[0]) >= 180000


def test_it_gives_the_run_a_broker_of_its_own() -> None:
    url = os.environ["CELERY_BROKER_URL"].replace("redis+socket", "unix").split("?")[0]
    assert redis.Redis.from_url(url).ping()
