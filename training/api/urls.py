"""Routes below `/api/`."""

from django.urls import path

from training.api import models, training

urlpatterns = [
    path("tasks/<int:task_id>/training/", training.Training.as_view()),
    path("tasks/<int:task_id>/models/", models.Models.as_view()),
    path("models/<int:model_id>/promote/", models.Promote.as_view()),
]
