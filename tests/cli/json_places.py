"""Places in a JSON document, for tests that change one thing at a time."""


def places(value, path=()):
    """Every place in a document, as the keys that lead to it."""
    yield path
    if isinstance(value, dict):
        for key, child in value.items():
            yield from places(child, path + (key,))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from places(child, path + (index,))


def at(document, path):
    for key in path:
        document = document[key]
    return document
