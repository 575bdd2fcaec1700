"""A graph as one offline HTML file, and as a widget in a notebook.

html.py is page(y); contents.py is all that a page shows, as data, and sentences.py what it says; assets/ has its
styles and its scripts, which are modules that bundle.py puts together; notebook_widget.py shows the page beside
live Values.  Open html.py first.
"""
