"""Lightning with its `WandbLogger`: a line fitted to points.

pip install torch lightning wandb; eval "$(heartline env wandb)"
"""

import lightning
import torch
from lightning.pytorch.loggers import WandbLogger
from torch.utils.data import DataLoader, TensorDataset


class Line(lightning.LightningModule):
    """One weight and one bias."""

    def __init__(self, lr: float = 0.1) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(1, 1)

    def training_step(self, batch: tuple, _: int) -> torch.Tensor:
        loss = self._loss(batch)
        self.log("train/loss", loss)
        return loss

    def validation_step(self, batch: tuple, _: int) -> None:
        self.log("val/loss", self._loss(batch))

    def _loss(self, batch: tuple) -> torch.Tensor:
        x, y = batch
        return torch.nn.functional.mse_loss(self.layer(x), y)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), self.hparams.lr)


def main() -> None:
    x = torch.linspace(-1, 1, 256).unsqueeze(1)
    points = DataLoader(TensorDataset(x, 3 * x + 1), batch_size=16)
    logger = WandbLogger(project="lightning", name="line", log_model=False)
    trainer = lightning.Trainer(
        max_epochs=4, logger=logger, log_every_n_steps=4, accelerator="cpu",
        enable_checkpointing=False, enable_progress_bar=False,
    )  # fmt: skip
    trainer.fit(Line(), points, points)


if __name__ == "__main__":
    main()
