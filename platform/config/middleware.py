"""What stands before every view."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, JsonResponse

Next = Callable[[HttpRequest], HttpResponseBase]
REFUSAL = "The address holds a NUL character, which nothing here has in its name; leave it out."


def no_nul(following: Next) -> Next:
    """PostgreSQL's text has no NUL: such an address names nothing, and would break the query that looks for it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return JsonResponse({"detail": REFUSAL}, status=400)
        return following(request)

    return middleware
