"""Starting from an existing base: what a file of customers, subscriptions, usage and grants means, checked and kept."""
