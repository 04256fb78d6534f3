#!/usr/bin/env python3
"""Records what Ansible makes of the places that say how a host is reached, alone and in all pairs, as ways.json beside this script.

usage: record.py ANSIBLE-PLAYBOOK [FIELD...]   all fields, or these anew

For each field: what holds besides in all its cases, and rows of [[[place, value], ...], what holds]. A place is a kind (host, group, play vars, task vars, -e, play, block, task,
flag) and the name of a variable, keyword or option. All cases with the same options run in one playbook, each as a play with a host
of its own, where nobody answers: what Ansible would have run is in its output, passwords are taken by programs that stand for
sudo, su and ssh.
"""
import collections, itertools, json, os, re, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
VARIABLES = ("host", "group", "play vars", "task vars", "-e")
KEYWORDS = ("play", "block", "task")


def said(name, *aliases, keyword=None, flag=None, options=()):
    """Places for a variable with its old spellings, a keyword and an option; OpenSSH's options in variables."""
    places = [f"{kind} {name}" for kind in VARIABLES] + [f"host {alias}" for alias in aliases]
    places += [f"{kind} {keyword}" for kind in KEYWORDS if keyword] + ([f"task {keyword} template"] if keyword else [])
    return places + ([f"flag {flag}"] if flag else []) + [f"host {option}" for option in options]


ARGUMENTS = ("ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args")
BECOME = {"play become": True}
# Who logs in as a user need not become it.
AS_ANOTHER = {"host ansible_connection": "local", "play become_user": "another"}
# Field: two values, the places, what holds besides in every case, and places that are tried alone.
FIELDS = {
    "user": (["ua", "ub"], said("ansible_user", "ansible_ssh_user", keyword="remote_user", flag="-u", options=ARGUMENTS), {},
             ["host ansible_remote_user"]),
    "port": ([22, 2201], said("ansible_port", "ansible_ssh_port", keyword="port", options=ARGUMENTS), {},
             ["host ansible_remote_port"]),
    "key": (["/k/a", "/k/b"], said("ansible_ssh_private_key_file", "ansible_private_key_file", flag="--private-key",
                                   options=ARGUMENTS[:2]), {}, []),
    "timeout": ([10, 31], said("ansible_timeout", "ansible_ssh_timeout", flag="-T", options=ARGUMENTS[:2]), {},
                ["host ansible_connect_timeout", "host ansible_connection_timeout", "task timeout", "play timeout"]),
    "connection": (["local", "ssh"], said("ansible_connection", keyword="connection"), {}, []),
    "become": ([True, False], said("ansible_become", keyword="become", flag="-b"), {},
               ["host ansible_become_user", "task become_user", "flag --become-user", "host ansible_become_method",
                "task become_method", "host ansible_sudo", "host ansible_become_password"]),
    "become_user": (["ba", "bb"], said("ansible_become_user", "ansible_sudo_user", keyword="become_user",
                                       flag="--become-user"), BECOME, ["host ansible_su_user"]),
    "su_user": (["ba", "bb"], ["host ansible_become_user", "host ansible_su_user", "task become_user",
                               "flag --become-user"], {**BECOME, "play become_method": "su"}, ["host ansible_sudo_user"]),
    "become_method": (["su", "sudo"], said("ansible_become_method", keyword="become_method", flag="--become-method"), BECOME,
                      []),
    "become_password": (["pa", "pb"], said("ansible_become_password", "ansible_become_pass", "ansible_sudo_pass",
                                           flag="--become-password-file"),
                        {**BECOME, **AS_ANOTHER}, ["host ansible_su_pass", "host ansible_sudo_password"]),
    "su_password": (["pa", "pb"], ["host ansible_become_password", "host ansible_become_pass", "host ansible_su_pass",
                                   "flag --become-password-file"],
                    {**BECOME, **AS_ANOTHER, "play become_method": "su"}, ["host ansible_sudo_pass"]),
    "password": (["pa", "pb"], said("ansible_password", "ansible_ssh_pass", "ansible_ssh_password",
                                    flag="--connection-password-file"), {}, ["host ansible_connection_password"]),
}
# What is said alone, where it is not the field's second value.
ALONE = {("become", place): value for places, value in [
    (("host ansible_become_user", "task become_user", "flag --become-user", "host ansible_become_password"), "x"),
    (("host ansible_become_method", "task become_method"), "sudo")] for place in places}
ALONE |= {("become", place): True for place in said("ansible_become", keyword="become", flag="-b") + ["host ansible_sudo"]}
OPTIONS = {"user": "-o User=%s", "port": "-o Port=%s", "key": "-i %s", "timeout": "-o ConnectTimeout=%s"}


class Case:
    def __init__(self, number, field, says):
        self.number, self.field, self.says = number, field, says
        self.name = f"h{number}"
        self.address = f"127.1.{number // 250}.{number % 250 + 1}"
        self.parts = collections.defaultdict(dict)
        self.flags, self.extra = [], {}
        for place, value in list(FIELDS[field][2].items()) + says:
            self.say(place, value)

    def say(self, place, value):
        kind = next(kind for kind in (*VARIABLES, *KEYWORDS, "flag") if place.startswith(kind + " "))
        name = place[len(kind) + 1:]
        if name in ARGUMENTS:
            value = OPTIONS[self.field] % value
        if name.endswith(" template"):
            name, value = name.split(" ")[0], "{{ '%s' }}" % value
        if kind == "flag":
            # A flag is there or not; an option has a value.
            self.flags += [name] * bool(value) if name == "-b" else [name, str(value)]
        elif kind == "-e":
            self.extra[name] = value
        else:
            self.parts[kind][name] = value

    def play(self):
        task = {"raw": "echo ran", "ignore_errors": True, "vars": self.parts["task vars"], **self.parts["task"]}
        return {"hosts": self.name, "gather_facts": False, "ignore_unreachable": True, "vars": self.parts["play vars"],
                **self.parts["play"], "tasks": [{"block": [task], **self.parts["block"]}]}


SUDO = """#!/bin/sh
while [ $# -gt 0 ]; do case $1 in -p) shift; prompt=$1;; esac; shift; done
printf '%s' "${prompt:-Password: }"
IFS= read -r line && echo "$line" >"$0.said"
"""
SSH = """#!/bin/sh
[ "$1" = -V ] && exec ssh -V
[ -n "$SSH_ASKPASS" ] && "$SSH_ASKPASS" "x's password: " >"$0.said" 2>/dev/null
exit 255
"""


def program(path, text):
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, 0o755)


def run(ansible, cases, folder):
    """Ansible's output for these cases, by address."""
    hosts, groups = {}, {}
    for case in cases:
        host = {"ansible_host": case.address, **case.parts["host"]}
        path = f"{folder}/{case.name}"
        if case.field.endswith("_password"):
            host["ansible_become_exe"] = path
            program(path, SUDO)
        if case.field == "password":
            host["ansible_ssh_executable"] = path
            program(path, SSH)
        hosts[case.name] = host
        groups[f"group_of_{case.name}"] = {"hosts": {case.name: {}}, "vars": case.parts["group"]}
    with open(folder + "/inventory.json", "w") as file:
        json.dump({"all": {"hosts": hosts, "children": groups}}, file)
    with open(folder + "/play.json", "w") as file:
        json.dump([case.play() for case in cases], file)
    words = [ansible, "-vvv", "-i", folder + "/inventory.json", folder + "/play.json"]
    flags = list(cases[0].flags)
    for index, flag in enumerate(flags[:-1]):
        if flag.endswith("-password-file"):
            with open(f"{folder}/{flags[index + 1]}", "w") as file:
                file.write(flags[index + 1] + "\n")
            flags[index + 1] = f"{folder}/{flags[index + 1]}"
    if cases[0].extra:
        flags += ["-e", json.dumps(cases[0].extra)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    answer = subprocess.run(words + flags, capture_output=True, text=True, cwd=folder,
                            env={**environment, "ANSIBLE_LOCALHOST_WARNING": "false"})
    lines = collections.defaultdict(list)
    for line in answer.stdout.splitlines():
        found = re.match(r"<([^>]*)> (.*)", line)
        if found:
            lines[found.group(1)].append(found.group(2))
    if "PLAY RECAP" not in answer.stdout:
        sys.exit(answer.stdout + answer.stderr)
    return lines


def value(case, lines, folder):
    if case.field.endswith("password"):
        try:
            with open(f"{folder}/{case.name}.said") as file:
                return file.read().strip()
        except FileNotFoundError:
            return ""
    ssh = next((line for line in lines if line.startswith("SSH: EXEC ssh ")), "").replace("'", "")
    line = ssh or next((line for line in lines if line.startswith("EXEC ")), "").replace("'", "")
    if case.field == "connection":
        return "ssh" if ssh else "local"
    become = re.search(r"(sudo) .*?-u (\S+)|(su)  ?(\S+) -c", line)
    if case.field == "become":
        return "true" if become else "false"
    if case.field in ("become_user", "su_user"):
        return become.group(2) or become.group(4)
    if case.field == "become_method":
        return become.group(1) or become.group(3)
    pattern = {"user": 'User="?([^ "]+)', "port": "Port=([^ ]+)", "key": '(?:IdentityFile="?|-i )([^ "]+)',
               "timeout": "ConnectTimeout=([^ ]+)"}[case.field]
    found = re.findall(pattern, ssh)
    return found[0] if found else ""


cases = []
for field, (values, places, besides, alone) in FIELDS.items():
    if sys.argv[2:] and field not in sys.argv[2:]:
        continue
    says = [[[place, ALONE.get((field, place), values[1])]] for place in places + alone]
    says += [[[first, values[0]], [second, values[1]]] for first, second in itertools.permutations(places, 2)]
    cases += [Case(len(cases) + number, field, pair) for number, pair in enumerate(says)]
groups = collections.defaultdict(list)
for case in cases:
    groups[json.dumps([case.flags, case.extra])].append(case)
found = {}
for members in groups.values():
    with tempfile.TemporaryDirectory() as folder:
        lines = run(sys.argv[1], members, folder)
        for case in members:
            found[case.number] = [case.field, case.says, value(case, lines[case.address], folder)]
path = os.path.join(HERE, "ways.json")
recorded = {}
begins = {min(number for number in found if found[number][0] == field) for field, _, _ in found.values()}
if sys.argv[2:]:
    with open(path) as file:
        recorded = json.load(file)
for number in sorted(found):
    field, says, holds = found[number]
    if number in begins:
        recorded[field] = {"besides": list(map(list, FIELDS[field][2].items())), "rows": []}
    recorded[field]["rows"].append([says, holds])
with open(path, "w") as file:
    fields = []
    for field in (name for name in FIELDS if name in recorded):
        rows = ",\n".join("  " + json.dumps(row) for row in recorded[field]["rows"])
        fields.append(f' {json.dumps(field)}: {{"besides": {json.dumps(recorded[field]["besides"])}, "rows": [\n{rows}\n ]}}')
    file.write("{\n" + ",\n".join(fields) + "\n}\n")
