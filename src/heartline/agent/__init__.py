"""Starts programs and tells how they end. Never decides a run's state: it carries evidence.

The package is also what people call: `heartline.agent(sweep_id, function=train)`. Python binds a
package's name in its parent as soon as one of its modules is imported, so the two must be one.
"""

import sys
from types import ModuleType
from typing import Any


class _Callable(ModuleType):
    """A package that can be called."""

    def __call__(self, *args: Any, **options: Any) -> None:
        from heartline.agent.inside import agent

        agent(*args, **options)


sys.modules[__name__].__class__ = _Callable
