"""The front door: the only room that knows HTTP, providers, the clock and the environment."""
