"""How time, usage and agreements become lines of invoices: exact, and once."""
