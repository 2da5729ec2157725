"""Hugging Face's Trainer with `report_to="wandb"`: a tiny BERT from a configuration, on random words.

pip install torch transformers accelerate wandb; eval "$(heartline env wandb)"
"""

import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

WORDS, LENGTH, ROWS = 100, 12, 256


class Sentences(torch.utils.data.Dataset):
    """Sentences whose class is whether their first word is in the upper half."""

    def __init__(self, seed: int) -> None:
        torch.manual_seed(seed)
        self.words = torch.randint(0, WORDS, (ROWS, LENGTH))

    def __len__(self) -> int:
        return ROWS

    def __getitem__(self, n: int) -> dict:
        return {"input_ids": self.words[n], "labels": (self.words[n, 0] >= WORDS // 2).long()}


def main() -> None:
    size = BertConfig(
        vocab_size=WORDS, hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=64, num_labels=2,
    )  # fmt: skip
    how = TrainingArguments(
        output_dir="trainer-output", run_name="tiny-bert", report_to="wandb", num_train_epochs=3,
        logging_steps=5, eval_strategy="epoch", save_strategy="no", learning_rate=5e-3,
        per_device_train_batch_size=32, use_cpu=True,
    )  # fmt: skip
    model = BertForSequenceClassification(size)
    Trainer(model, how, train_dataset=Sentences(1), eval_dataset=Sentences(2)).train()


if __name__ == "__main__":
    main()
