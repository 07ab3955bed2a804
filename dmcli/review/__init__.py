"""What becomes of each therapy that runs: where its course stands, and the review rule that holds for it."""
