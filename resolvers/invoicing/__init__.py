"""Turning what a subscription was and is into lines, and lines into invoices."""
