"""The HTTP side of the loop: what a reader gets is put together here, where cases, arms and predictions meet."""
