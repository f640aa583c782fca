"""Routes below `/api/`."""

from django.urls import path

from training.api import cards, comparisons, encoders, models, training

urlpatterns = [
    path("tasks/<int:task_id>/training/", training.Training.as_view()),
    path("tasks/<int:task_id>/models/", models.Models.as_view()),
    path("tasks/<int:task_id>/models/history/", models.History.as_view()),
    path("tasks/<int:task_id>/encoders/", encoders.Encoders.as_view()),
    path("tasks/<int:task_id>/encoders/choose/", encoders.Choose.as_view()),
    path("tasks/<int:task_id>/encoders/<int:weights_id>/delete/", encoders.Delete.as_view()),
    path("tasks/<int:task_id>/pretrain/", encoders.Pretrain.as_view()),
    path("runs/<int:run_id>/log/", training.Log.as_view()),
    path("models/<int:model_id>/card/", cards.Card.as_view()),
    path("models/<int:model_id>/compare/<int:other_id>/", comparisons.Compare.as_view()),
    path("models/<int:model_id>/promote/", models.Promote.as_view()),
    path("models/<int:model_id>/delete/", models.Delete.as_view()),
    path("models/<int:model_id>/weights/", models.Weights.as_view()),
]
