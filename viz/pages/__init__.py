"""A graph as one offline HTML file, and as a widget in a notebook.

html.py is page(y); contents.py is all that a page shows, as data; assets/ has its style sheet and scripts;
notebook_widget.py shows it beside live Values.  Open html.py first.
"""
