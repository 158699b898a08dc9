"""How we answer: who may, load, decide, save. One act, one file, one unit of work."""
