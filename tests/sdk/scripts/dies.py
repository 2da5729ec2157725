"""A training that logs 50 rows and then ends in the way it is told, at once or `when told`."""

import os
import signal
import sys
import threading
import time

import heartline


def end(kind: str, run: "heartline.Run") -> None:
    match kind:
        case "finish":
            run.finish()
        case "finish 5":
            run.finish(exit_code=5)
        case "falls off the end":
            return
        case "exit 0":
            sys.exit(0)
        case "exit 3":
            sys.exit(3)
        case "os._exit 7":
            os._exit(7)
        case "exception":
            raise ValueError("the loss is a banana")
        case "memory error":
            bytearray(1 << 60)
        case "exception in with":
            with run:
                raise RuntimeError("inside")
        case "exit 0 in with":
            with run:
                sys.exit(0)
        case "exception in a thread":
            thread = threading.Thread(target=lambda: 1 / 0)
            thread.start()
            thread.join()
        case "interrupt":
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(5)
        case "interrupt caught":
            try:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(5)
            except KeyboardInterrupt:
                return
        case "handled SIGTERM, exit 143":
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
        case "handled SIGTERM, exit 0":
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
        case "segfault":
            import ctypes

            ctypes.string_at(0)
        case "abort":
            os.abort()
        case "exec":
            os.execvp("sh", ["sh", "-c", "exit 5"])
        case "forked worker dies":
            child = os.fork()
            if child == 0:
                for n in range(10):
                    run.log({"worker": n}, step=n)
                os.kill(os.getpid(), signal.SIGKILL)
            os.waitpid(child, 0)
        case "preempting, exit 1":
            run.mark_preempting()
            sys.exit(1)
        case "internal process killed":
            before = run._internal.pid
            os.kill(before, signal.SIGKILL)
            while run._internal.pid == before:
                time.sleep(0.01)
            for n in range(50, 60):
                run.log({"loss": 1.0}, step=n)
            run.finish()
        case signal_name:
            os.kill(os.getpid(), getattr(signal, signal_name))
            time.sleep(5)


def main() -> None:
    kind = sys.argv[1]
    # Whoever starts these tests may have told their children to ignore it, as nohup does.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    run = heartline.init(project="deaths", name=kind)
    for step in range(50):
        run.log({"loss": 1 / (step + 1), "nested": {"a": step}})
    print("about to end:", kind, flush=True)
    if "when told" in sys.argv:
        sys.stdin.readline()
    end(kind, run)


if __name__ == "__main__":
    main()
