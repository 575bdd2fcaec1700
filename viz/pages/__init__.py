"""A graph as one offline HTML file, and as a widget in a notebook.

html.py is page(y); contents.py is all that a page shows, as data, and sentences.py what it says; assets/ has its
styles and its scripts, modules that bundle.py puts together, squeeze.py without spaces and renaming.py with short
names; notebook_widget.py shows the page beside live Values, still_curve.py a curve where no page can be shown.
Open html.py first.
"""
