"""A training by the SDK that does what is told on its standard input, line by line."""

import math
import sys

import heartline


def main() -> None:
    name, project = sys.argv[1:3]
    run = heartline.init(
        project=project, name=name, id=name, config={"lr": 3e-4, "model": {"depth": 12}},
        tags=["baseline"],
    )  # fmt: skip
    step = 0
    print("training begins", flush=True)
    for line in sys.stdin:
        match line.split():
            case ["log", rows]:
                for _ in range(int(rows)):
                    run.log({"train/loss": 2 * math.exp(-step / 40), "val/accuracy": step / 200})
                    step += 1
            case ["say", *words]:
                print(" ".join(words), flush=True)
            case ["raise", *words]:
                raise ValueError(" ".join(words))
            case ["finish"]:
                break
    run.finish()


if __name__ == "__main__":
    main()
