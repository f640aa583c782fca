"""Whether the web server could listen: asked before anything starts, by the set-up as well as by `up`."""

import errno
import socket

from embedded.process import CannotStart


def check_port(host: str, port: int) -> None:
    """Raises CannotStart when the web server could not listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError as error:
            raise CannotStart(port_sentence(host, port, error)) from None


def port_sentence(host: str, port: int, error: OSError) -> str:
    if isinstance(error, PermissionError):
        return f"Port {port} may not be used by this user: choose one above 1023, for example 8000."
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"This machine has no address {host} to listen on: choose another with --host."
    return (
        f"Port {port} is already in use: stop what runs there or choose another, "
        f"for example `make demo PORT={port + 1}`."
    )
