"""`python -m config.server`: one web server process of several on one port.

Each has a listening socket of its own (SO_REUSEPORT), so that the kernel deals out connections. Processes that share
one socket do not: whichever wakes first takes them all, and one core idles while the other queues
(docs/benchmarks.md, worklist). Where the system does not deal (macOS), one process answers and nothing breaks.
"""

import argparse
import gc
import socket

import uvicorn

GRACE_SECONDS = 2  # open event streams never end by themselves
IDLE_SECONDS = (
    75  # longer than a proxy keeps its lines (nginx: 60), or it sends a save into one just closed
)


def listening_socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listening.bind((host, port))
    return listening


def main() -> None:
    parser = argparse.ArgumentParser(description="One web server process.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    settings = uvicorn.Config(
        "config.asgi:application",
        log_level="info",
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    settings.load()
    gc.collect()
    gc.freeze()  # what was imported stays for ever; no later collection need look at it
    uvicorn.Server(settings).run(sockets=[listening_socket(options.host, options.port)])


if __name__ == "__main__":
    main()
