"""Settings of the instance whose workers are killed: they know the benchmark's own kinds of job as well."""

from config.settings import *  # noqa: F403

CELERY_IMPORTS = ["tests.benchmarks.jobs_handlers"]
