"""Fixtures that every test may use. The servers are started in tests/servers.py, before Django's settings."""
