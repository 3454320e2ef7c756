"""The web application. Collectors of other packages are added first: all lists are derived from those they join."""

from collectors import outside

outside.load()
