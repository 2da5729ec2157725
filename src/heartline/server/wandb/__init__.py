"""The second door: the unmodified `wandb` client's protocol in front of the same use cases."""
