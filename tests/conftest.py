"""What holds for every test. Fixtures live beside the tests that use them."""

import signal

from hypothesis import settings

# No test here has an opinion about how long an example takes: the machine may be busy.
settings.register_profile("heartline", deadline=None, print_blob=True)
settings.load_profile("heartline")

# A shell that starts us in the background has Ctrl-C ignored, and so would all that we start.
signal.signal(signal.SIGINT, signal.default_int_handler)
