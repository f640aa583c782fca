"""Routes below `/api/`."""

from django.urls import path

from annotation.api import annotations, cases, reads, tasks

urlpatterns = [
    path("templates/", tasks.Templates.as_view()),
    path("tasks/", tasks.Tasks.as_view()),
    path("tasks/<int:task_id>/", tasks.OneTask.as_view()),
    path("tasks/<int:task_id>/form/", tasks.TaskForm.as_view()),
    path("tasks/<int:task_id>/cases/", tasks.Cases.as_view()),
    path("tasks/<int:task_id>/snapshots/", tasks.Snapshots.as_view()),
    path("tasks/<int:task_id>/reads/", reads.Reads.as_view()),
    path("annotations/<int:annotation_id>/submit/", annotations.Submit.as_view()),
    path("annotations/<int:annotation_id>/amend/", annotations.Amend.as_view()),
    path("annotations/<int:annotation_id>/flag/", annotations.Flag.as_view()),
    path("annotations/<int:annotation_id>/heartbeat/", annotations.Heartbeat.as_view()),
    path("annotations/<int:annotation_id>/skip/", annotations.Skip.as_view()),
    path("cases/<int:case_id>/thumbnail/", cases.Thumbnail.as_view()),
]
