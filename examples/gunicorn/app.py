"""A WSGI application that greets, and says when it is well."""
import os
import socket


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    if environ["PATH_INFO"] == "/healthz":
        return [b"well\n"]
    greeting, end = os.environ.get("GREETING", "Hello"), os.environ.get("PUNCTUATION", "")
    return [f"{greeting} from {socket.gethostname()}{end}\n".encode()]
