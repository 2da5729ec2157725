"""One verb each, over ports and core values. Never knows HTTP, SQL or who implements a port."""
