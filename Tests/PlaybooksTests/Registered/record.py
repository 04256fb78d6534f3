#!/usr/bin/env python3
"""Records what Ansible registers for each form in site.yml and check.yml, as site.json and check.json beside this script.

usage: record.py ANSIBLE-PLAYBOOK

Paths of the folder that the play works in are written ROOT, those of the playbook's own folder HOME.
"""
import json, os, re, shutil, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def record(program, play, *flags):
    with open(os.path.join(HERE, play + ".yml")) as file:
        names = re.findall(r"register: (\w+)", file.read())
    home = tempfile.mkdtemp(prefix="registered")
    shutil.copytree(HERE, home, dirs_exist_ok=True)
    root = os.path.join(home, "root")
    os.mkdir(root)
    host = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, "root": root, "names": names}
    inventory = os.path.join(home, "inventory.json")
    with open(inventory, "w") as file:
        json.dump({"all": {"hosts": {"h1": host}}}, file)
    words = [program, "-i", inventory, os.path.join(home, play + ".yml"), *flags]
    subprocess.run(words, cwd=home, check=True, stdout=subprocess.DEVNULL)
    forms = {}
    for name in names:
        with open(os.path.join(root, "out." + name)) as file:
            forms[name] = json.loads(file.read().replace(root, "ROOT").replace(home, "HOME"))
    with open(os.path.join(HERE, play + ".json"), "w") as file:
        json.dump(forms, file, indent=1, sort_keys=True)
        file.write("\n")
    shutil.rmtree(home)


record(sys.argv[1], "site")
record(sys.argv[1], "check", "--check")
