"""The SDK: what runs inside training, and the internal process beside it."""
