"""Routes below `/api/`."""

from django.urls import path

from inference.api import (
    exports,
    heatmaps,
    next,
    offers,
    outside,
    predict,
    reads,
    retrain,
    worklist,
)

urlpatterns = [
    path("tasks/<int:task_id>/next/", next.Next.as_view()),
    path("annotations/<int:annotation_id>/", reads.OneRead.as_view()),
    path("annotations/<int:annotation_id>/prediction/", offers.Offer.as_view()),
    path("cases/<int:case_id>/predict/", predict.PredictCase.as_view()),
    path("tasks/<int:task_id>/predict/", outside.PredictOutside.as_view()),
    path("tasks/<int:task_id>/worklist/", worklist.Worklist.as_view()),
    path("tasks/<int:task_id>/retrain/", retrain.Retrain.as_view()),
    path("tasks/<int:task_id>/exports/", exports.Exports.as_view()),
    path("exports/<int:export_id>/download/", exports.Download.as_view()),
    path("predictions/<int:prediction_id>/heatmaps/<str:slot>/", heatmaps.OneHeatMap.as_view()),
]
