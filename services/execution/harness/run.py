# Runs inside the sandbox: loads one service file, calls run(data, params, context) and tells the launcher how
# it went. Frames (one JSON object a line) go out on fd 3, stdout and stderr are the log, control lines come in
# on stdin. Standard library only, no import from the platform: nothing else is visible here.
import errno as errno_names
import importlib.util
import inspect
import json
import os
import resource
import sys
import threading
import time
import traceback

FRAMES = 3
PROGRESS_INTERVAL = 0.1
sys.dont_write_bytecode = True

# Without a sandbox there is no /job and no /work: the folder comes as an argument.
JOB = sys.argv[1] if len(sys.argv) > 1 else "/job"

with open(JOB + "/context.json", encoding="utf-8") as file:
    settings = json.load(file)

frame_lock = threading.Lock()


def send_frame(frame):
    data = (json.dumps(frame) + "\n").encode()
    with frame_lock:
        while data:
            data = data[os.write(FRAMES, data):]


def fail(stage, error):
    """Ends the process with a failure that the launcher turns into a stable code."""
    tail = error.__traceback__
    while tail is not None and tail.tb_frame.f_code.co_filename == __file__:
        tail = tail.tb_next
    sys.stdout.flush()
    traceback.print_exception(type(error), error, tail)
    sys.stderr.flush()
    disk = os.statvfs(".")
    number = getattr(error, "errno", None)
    message = str(error)
    send_frame({
        "type": "error",
        "stage": stage,
        "message": (type(error).__name__ + (": " + message if message else ""))[:4000],
        "errno": errno_names.errorcode.get(number) if isinstance(number, int) else None,
        "syscall": "spawn" if "start new thread" in message or isinstance(error, BlockingIOError) else None,
        "outOfMemory": isinstance(error, MemoryError),
        "freeDiskBytes": disk.f_bavail * disk.f_frsize,
    })
    os._exit(1)


class Context:
    """What the platform tells a run about itself, and how the run answers."""

    def __init__(self):
        self.job_id = settings["jobId"]
        self.attempt = settings["attempt"]
        self.item = settings["item"]
        self.idempotency_key = settings["idempotencyKey"]
        self.deadline = settings["deadline"]
        self.planned_for = settings.get("plannedFor")
        self.signal = threading.Event()
        self._last_progress = 0.0

    def cancelled(self):
        return self.signal.is_set()

    def progress(self, fraction, message=None):
        now = time.monotonic()
        if fraction < 1 and now - self._last_progress < PROGRESS_INTERVAL:
            return
        self._last_progress = now
        send_frame({
            "type": "progress",
            "fraction": min(1.0, max(0.0, float(fraction))),
            "message": None if message is None else str(message)[:500],
        })


def listen(signal):
    while True:
        line = os.read(0, 256)
        if not line:
            return
        if b"cancel" in line:
            signal.set()


def read_input(name, form):
    with open(JOB + "/" + name, encoding="utf-8", newline="") as file:
        return file.read() if form == "text" else json.load(file)


def accepts_context(run):
    try:
        inspect.signature(run).bind(None, None, None)
        return True
    except TypeError:
        return False


def main():
    send_frame({"type": "ready"})
    context = Context()
    threading.Thread(target=listen, args=(context.signal,), daemon=True).start()

    try:
        spec = importlib.util.spec_from_file_location("service", JOB + "/service.py")
        service = importlib.util.module_from_spec(spec)
        sys.modules["service"] = service
        spec.loader.exec_module(service)
        run = getattr(service, "run", None)
        if not callable(run):
            raise TypeError("The service has no function run(data, params, context).")
    except Exception as error:
        fail("load", error)

    try:
        arguments = [read_input("data", settings["dataForm"]), read_input("params", settings["paramsForm"])]
        if accepts_context(run):
            arguments.append(context)
        value = run(*arguments)
    except Exception as error:
        fail("run", error)

    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
        size = len(text.encode())
    except Exception as error:
        fail("result", error)

    sys.stdout.flush()
    sys.stderr.flush()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    if size > settings["resultBytes"]:
        send_frame({"type": "too-large", "size": size})
    else:
        send_frame({"type": "result", "text": text, "cpuMs": round((usage.ru_utime + usage.ru_stime) * 1000)})
    os._exit(0)


main()
