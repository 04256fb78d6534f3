"""A WSGI application that greets, and says when it is well."""
import socket


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    if environ["PATH_INFO"] == "/healthz":
        return [b"well\n"]
    return [f"Hello from {socket.gethostname()}\n".encode()]
