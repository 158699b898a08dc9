"""Who may use what, how much, until when, and why: one pure evaluator."""
