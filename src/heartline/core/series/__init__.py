"""Series as values: the view over attempts and ranks, and what a chart needs. Never stores."""
