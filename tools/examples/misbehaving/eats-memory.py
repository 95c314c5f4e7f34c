"""Takes memory, 32 MiB at a time, and touches every page of it."""


def run(data, params, context):
    kept = []
    while True:
        kept.append(bytearray(b"x" * (32 * 1024 * 1024)))
