"""Hourly rollups in the bucket: a line for each day of UTC and measurement, whose texts hold all hours and cells of the day.

What is kept and which questions it answers say `metricstore.rollups` and decision 0003. Here: how a day is made of its points (`cells`), written
and read (`texts`), which days are complete (`complete`), kept in memory (`memory`), asked (`answers`), made anew and checked (`keeping`, `checking`).
"""
