"""In-process adapters: the feed, and the reference stores of the contract."""
