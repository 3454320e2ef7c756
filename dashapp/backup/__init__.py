"""Backups of the whole installation: one file, made and restored while the program runs; moving to another store."""
