"""Invoices for people: a page behind a signed link, and the same as a PDF."""
