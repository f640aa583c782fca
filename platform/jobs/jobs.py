"""Celery's view of this app: the sweeper, asked for by beat (config/settings.py)."""

from celery import shared_task

from jobs.sweep import sweep


@shared_task(name="jobs.sweep", ignore_result=True)
def run() -> None:
    sweep()
