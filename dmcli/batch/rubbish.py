"""How often a long run looks for rubbish."""

import gc


def collect_seldom() -> None:
    """A run of many cases keeps next to nothing of what it makes: rubbish is looked for now and then."""
    gc.enable()
    gc.set_threshold(20_000, 50, 100)
