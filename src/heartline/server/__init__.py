"""HTTP in front of the use cases. Decodes, asks, encodes; decides nothing."""
