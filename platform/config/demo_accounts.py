"""Who may sign in to the demo: name and password, shown when it starts. A demo listens on the loopback only."""

READER = ("reader", "demo-reader-1")
ADMIN = ("admin", "demo-admin-1")
