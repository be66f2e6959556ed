"""Pages in a real browser, wide and narrow: ``make test-browser``.

``pages`` lists what is opened; a new page is a row there. Each must load without a request, a message on the console or
a finding of axe, fit the screen of a phone, give its tables away as CSV, and print. Sliders are moved, too.
"""
