"""XGBoost with the client's `WandbCallback`: trees on a made table.

pip install xgboost scikit-learn wandb; eval "$(heartline env wandb)"
"""

import wandb
import xgboost
from sklearn.datasets import make_classification
from wandb.integration.xgboost import WandbCallback


def main() -> None:
    x, y = make_classification(600, 8, random_state=1)
    train, valid = (xgboost.DMatrix(x[part], y[part]) for part in (slice(450), slice(450, None)))
    with wandb.init(project="xgboost", name="trees", config={"max_depth": 3, "eta": 0.2}) as run:
        xgboost.train(
            {**run.config, "objective": "binary:logistic", "eval_metric": ["logloss", "auc"]},
            train, num_boost_round=20, evals=[(train, "train"), (valid, "valid")],
            verbose_eval=False, callbacks=[WandbCallback(log_model=False)],
        )  # fmt: skip


if __name__ == "__main__":
    main()
