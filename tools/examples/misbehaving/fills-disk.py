"""Writes files without end until one cannot be written."""


def run(data, params, context):
    number = 0
    while True:
        with open(f"/tmp/fill-{number}", "wb") as file:
            file.write(b"x" * (8 * 1024 * 1024))
        number += 1
