"""Asked by beat once an hour: what nobody needs any more goes, or it would grow for ever."""

from datetime import timedelta
from importlib import import_module

from celery import shared_task
from django.conf import settings
from django.db.models.functions import Now

from annotation.models import SaveKey
from archive.tidy import tidy as tidy_deliveries
from training.tidying import tidy as tidy_caches

# A page that comes back later than this with an unheard save is told of a conflict, with both texts; nothing is lost.
KEYS_KEPT = timedelta(days=30)


@shared_task(name="config.tidy", ignore_result=True)
def tidy() -> None:
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    SaveKey.objects.filter(created_at__lt=Now() - KEYS_KEPT).delete()
    tidy_deliveries()
    tidy_caches()
