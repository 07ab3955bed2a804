"""What is to be known before the first dose, the tests that are due, and those that are overdue."""
