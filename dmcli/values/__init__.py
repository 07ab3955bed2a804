"""A day, a dose, a unit, a truth value: what everything else is made of."""
