"""Steady load: load.py RATE URL...

RATE requests a second over all URLs in turn, half of them on kept connections, each tenth a POST, until SIGTERM or SIGINT.
Prints `ready`, then a JSON object for each request that failed (no answer within 30 s, a broken connection, a status of
400 or more), and at last one with the sums.
"""
import asyncio, json, signal, sys, time
from urllib.parse import urlsplit

rate, urls = int(sys.argv[1]), [urlsplit(url) for url in sys.argv[2:]]
idle = {url.netloc: [] for url in urls}
sent, failed, builds, slowest = 0, 0, {}, 0.0


async def exchange(connection, url, method, is_kept):
    reader, writer = connection
    body = b"entry=1" if method == "POST" else b""
    writer.write(
        f"{method} {url.path or '/'} HTTP/1.1\r\nHost: {url.hostname}\r\nContent-Length: {len(body)}\r\n"
        f"Connection: {'keep-alive' if is_kept else 'close'}\r\n\r\n".encode() + body)
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    await reader.readexactly(int(fields.get("content-length", 0)))
    if is_kept and fields.get("connection", "").lower() != "close":
        idle[url.netloc].append(connection)
    else:
        writer.close()
    return int(head[0].split()[1]), fields


async def request(url, method, is_kept):
    """A kept connection may have been closed by the other side since: such a request goes out once more, as clients do."""
    while is_kept and idle[url.netloc]:
        connection = idle[url.netloc].pop()
        if connection[0].at_eof() or connection[1].is_closing():
            connection[1].close()
            continue
        try:
            return await exchange(connection, url, method, is_kept)
        except asyncio.IncompleteReadError as error:
            connection[1].close()
            if error.partial:
                raise
        except ConnectionResetError:
            connection[1].close()
        break
    connection = await asyncio.open_connection(url.hostname, url.port or 80)
    try:
        return await exchange(connection, url, method, is_kept)
    except BaseException:
        connection[1].close()
        raise


async def count(url, method, is_kept):
    global sent, failed, slowest
    begun, fields, reason = time.time(), {}, None
    try:
        status, fields = await asyncio.wait_for(request(url, method, is_kept), 30)
        if status >= 400:
            reason = f"status {status}"
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".rstrip(": ")
    took = time.time() - begun
    sent, slowest = sent + 1, max(slowest, took)
    if "x-build" in fields:
        builds[fields["x-build"]] = builds.get(fields["x-build"], 0) + 1
    if reason:
        failed += 1
        print(json.dumps({
            "at": round(begun * 1000), "balancer": url.hostname, "method": method, "reason": reason,
            "node": fields.get("x-node"), "build": fields.get("x-build"), "seconds": round(took, 3)}), flush=True)


async def main():
    stop, tasks, number = asyncio.Event(), set(), 0
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    print("ready", flush=True)
    begun = time.monotonic()
    while not stop.is_set():
        # After a pause of the whole machine, what was missed is left out instead of sent in one burst.
        due = begun + number / rate
        if time.monotonic() - due > 1:
            begun, number = time.monotonic(), 0
            continue
        await asyncio.sleep(max(0, due - time.monotonic()))
        task = asyncio.create_task(count(
            urls[number % len(urls)], "POST" if number % 10 == 9 else "GET", number // len(urls) % 2 == 0))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        number += 1
    await asyncio.gather(*tasks)
    print(json.dumps({"sent": sent, "failed": failed, "builds": builds, "slowest": round(slowest, 3)}), flush=True)


asyncio.run(main())
