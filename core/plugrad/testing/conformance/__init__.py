"""What an op and a backend promise, one plain function a promise, and the pytest suite that strangers run.

``python -m pytest --pyargs plugrad.testing --plugrad-backend NAME`` or ``--plugrad-ops 'NAME.*'`` runs it;
docs/conformance.md says how to read what it tells.
"""
