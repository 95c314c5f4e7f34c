"""Never ends and never listens: only its time limit ends it."""


def run(data, params, context):
    print("working for ever")
    while True:
        pass
