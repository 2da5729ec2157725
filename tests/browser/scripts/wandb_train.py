"""A training by the unmodified `wandb` client."""

import sys

import wandb


def main() -> None:
    run = wandb.init(project=sys.argv[2], name=sys.argv[1], id=sys.argv[1], config={"lr": 0.01})
    for step in range(60):
        run.log({"train/loss": 1 / (step + 1)})
    print("said through the wandb client")
    run.finish()


if __name__ == "__main__":
    main()
