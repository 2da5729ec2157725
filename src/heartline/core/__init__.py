"""What is true: pure values and functions. Never reads a clock, draws chance or does I/O."""
