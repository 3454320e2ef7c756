"""From what is declared and a selection to answers, captions and links: for pages, API, downloads, embeds and alerts alike.

Knows neither Dash nor Flask: the store as its viewer may see it, goals and the moment are parameters.
"""
