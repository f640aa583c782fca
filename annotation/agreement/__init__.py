"""How far two readers agree: pure functions on their values, case by case. None where a measure is not defined."""
