"""Collecting what invoices ask: attempts, what providers answer, and what that does to subscriptions."""
