"""Fails with an exception two calls deep: its traceback belongs in the log."""


def divide(a, b):
    return a / b


def run(data, params, context):
    print("about to fail")
    return divide(1, 0)
