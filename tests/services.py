"""Services of this machine that some tests need: where they are, and whether they answer.

As a program it prints the address of a PostgreSQL server, or says that there is none.
"""

from __future__ import annotations

import os
import socket
import sys

POSTGRES = os.environ.get("QUORUM_TEST_POSTGRES", "postgres://root@127.0.0.1:5432/postgres")
RABBITMQ = os.environ.get("QUORUM_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//")


def answers(url: str) -> bool:
    """Whether something listens at the host and port of a URL."""
    host, _, port = url.split("//", 1)[1].split("/")[0].rpartition("@")[2].partition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=2):
            return True
    except OSError:
        return False


if __name__ == "__main__":
    if answers(POSTGRES):
        sys.stdout.write(POSTGRES + "\n")
    elif os.environ.get("CI") == "true":
        sys.exit(
            f"No PostgreSQL server answers at {POSTGRES}: under CI its tests may not be skipped."
        )
    else:
        sys.stderr.write(f"Tests on PostgreSQL skipped: nothing answers at {POSTGRES}.\n")
