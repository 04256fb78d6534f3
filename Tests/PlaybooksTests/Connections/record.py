#!/usr/bin/env python3
"""Records which of two places that say how a host is reached Ansible heeds, for all pairs, as ways.json beside this script.

usage: record.py ANSIBLE-PLAYBOOK

Each row is [field, first place, second place, the place that counts]. The first place is given the first of the field's values,
the second the second. Nobody answers at the address: what Ansible would have run is in its own output.
"""
import itertools, json, os, re, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def put(part, key):
    return lambda spec, value: spec[part].__setitem__(key, value)


def argument(key, form):
    return lambda spec, value: spec["host"].__setitem__(key, form % value)


def flag(*words):
    return lambda spec, value: spec["flags"].extend(word.replace("%s", str(value)) for word in words)


FIELDS = {
    "user": (["ua", "ub"], {
        "ansible_user": put("host", "ansible_user"), "ansible_ssh_user": put("host", "ansible_ssh_user"),
        "play vars": put("playvars", "ansible_user"), "task vars": put("taskvars", "ansible_user"),
        "play remote_user": put("play", "remote_user"), "block remote_user": put("block", "remote_user"),
        "task remote_user": put("task", "remote_user"), "-u": flag("-u", "%s"),
        "ansible_ssh_args": argument("ansible_ssh_args", "-o User=%s"),
        "ansible_ssh_common_args": argument("ansible_ssh_common_args", "-o User=%s"),
        "ansible_ssh_extra_args": argument("ansible_ssh_extra_args", "-o User=%s")}),
    "port": ([22, 2201], {
        "ansible_port": put("host", "ansible_port"), "ansible_ssh_port": put("host", "ansible_ssh_port"),
        "play vars": put("playvars", "ansible_port"), "play port": put("play", "port"),
        "block port": put("block", "port"), "task port": put("task", "port"),
        "ansible_ssh_args": argument("ansible_ssh_args", "-o Port=%s"),
        "ansible_ssh_common_args": argument("ansible_ssh_common_args", "-o Port=%s")}),
    "key": (["/k/a", "/k/b"], {
        "ansible_ssh_private_key_file": put("host", "ansible_ssh_private_key_file"),
        "ansible_private_key_file": put("host", "ansible_private_key_file"),
        "play vars": put("playvars", "ansible_ssh_private_key_file"), "--private-key": flag("--private-key", "%s"),
        "ansible_ssh_args": argument("ansible_ssh_args", "-i %s")}),
    "timeout": ([10, 31], {
        "ansible_ssh_timeout": put("host", "ansible_ssh_timeout"), "ansible_timeout": put("host", "ansible_timeout"),
        "play vars": put("playvars", "ansible_ssh_timeout"), "-T": flag("-T", "%s"),
        "ansible_ssh_args": argument("ansible_ssh_args", "-o ConnectTimeout=%s"),
        "ansible_ssh_common_args": argument("ansible_ssh_common_args", "-o ConnectTimeout=%s")}),
    "connection": (["local", "ssh"], {
        "ansible_connection": put("host", "ansible_connection"), "play vars": put("playvars", "ansible_connection"),
        "play connection": put("play", "connection"), "block connection": put("block", "connection"),
        "task connection": put("task", "connection")}),
    "become_user": (["ba", "bb"], {
        "ansible_become_user": put("host", "ansible_become_user"), "play vars": put("playvars", "ansible_become_user"),
        "play become_user": put("play", "become_user"), "task become_user": put("task", "become_user"),
        "--become-user": flag("--become-user", "%s")}),
    "become": ([True, False], {
        "ansible_become": put("host", "ansible_become"), "play vars": put("playvars", "ansible_become"),
        "play become": put("play", "become"), "task become": put("task", "become"),
        "-b": lambda spec, value: spec["flags"].extend(["-b"] if value else [])}),
    "become_method": (["su", "sudo"], {
        "ansible_become_method": put("host", "ansible_become_method"),
        "play vars": put("playvars", "ansible_become_method"), "play become_method": put("play", "become_method"),
        "task become_method": put("task", "become_method"), "--become-method": flag("--become-method", "%s")}),
}


def run(program, spec):
    """The line by which Ansible calls ssh; nothing when it does not."""
    with tempfile.TemporaryDirectory() as folder:
        host = {"ansible_host": "127.0.0.99", **spec["host"]}
        with open(folder + "/inventory.json", "w") as file:
            json.dump({"all": {"hosts": {"h": host}}}, file)
        task = {"raw": "echo ran", "vars": spec["taskvars"], **spec["task"]}
        play = {"hosts": "all", "gather_facts": False, "vars": spec["playvars"], **spec["play"]}
        play["tasks"] = [{"block": [task], **spec["block"]}]
        with open(folder + "/play.json", "w") as file:
            json.dump([play], file)
        words = [program, "-vvv", "-i", folder + "/inventory.json", folder + "/play.json", *spec["flags"]]
        found = re.search(r"SSH: EXEC (ssh .*)", subprocess.run(words, capture_output=True, text=True, cwd=folder).stdout)
        return found.group(1).replace("'", "") if found else ""


def value(field, line):
    if field == "connection":
        return "ssh" if line else "local"
    become = re.search(r"(sudo) .*?-u (\S+)|(su)  ?(\S+) -c", line)
    if field == "become":
        return bool(become)
    if field == "become_user":
        return become.group(2) or become.group(4)
    if field == "become_method":
        return become.group(1) or become.group(3)
    pattern = {"user": 'User="?([^ "]+)', "port": "Port=([^ ]+)", "key": '(?:IdentityFile="?|-i )([^ "]+)',
               "timeout": "ConnectTimeout=([^ ]+)"}[field]
    return re.findall(pattern, line)[0]


rows = []
for field, (values, places) in FIELDS.items():
    for first, second in itertools.permutations(places, 2):
        spec = {part: {} for part in ("host", "playvars", "play", "block", "task", "taskvars")} | {"flags": []}
        if field in ("become_user", "become_method"):
            spec["play"]["become"] = True
        places[first](spec, values[0])
        places[second](spec, values[1])
        found = value(field, run(sys.argv[1], spec))
        rows.append([field, first, second, first if str(found) == str(values[0]) else second])
with open(os.path.join(HERE, "ways.json"), "w") as file:
    file.write("[\n" + ",\n".join(" " + json.dumps(row) for row in rows) + "\n]\n")
