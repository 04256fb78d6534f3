#!/usr/bin/env python3
"""Records what ansible-playbook makes of each playbook here: record.py ANSIBLE-PLAYBOOK [NAME...]

Beside NAME.yml it writes NAME.json: whether it ended well, each host's counters, and the files that the playbook wrote
in the folder `work`. A first line `# arguments: …` holds more of the command line.
"""
import json, os, re, subprocess, sys, tempfile

here = os.path.dirname(os.path.abspath(__file__))
names = sys.argv[2:] or sorted(
    f[:-4] for f in os.listdir(here) if f.endswith('.yml') and f != 'inventory.yml')
kinds = ['ok', 'changed', 'unreachable', 'failed', 'skipped', 'rescued', 'ignored']
for name in names:
    with open(f'{here}/{name}.yml') as file:
        match = re.match('# arguments: (.*)', file.readline())
    arguments = match.group(1).split() if match else []
    with tempfile.TemporaryDirectory() as work:
        run = subprocess.run(
            [sys.argv[1], f'{name}.yml', '-i', 'inventory.yml', '-e', f'work={work}', *arguments], cwd=here,
            capture_output=True, text=True, stdin=subprocess.DEVNULL,
            env={**os.environ, 'ANSIBLE_NOCOLOR': '1', 'ANSIBLE_LOCALHOST_WARNING': 'false', 'LC_ALL': 'C.UTF-8'})
        recap = run.stdout.rpartition('PLAY RECAP')[2]
        hosts = {}
        for line in recap.splitlines():
            parts = line.partition(' : ')
            if not parts[1]: continue
            counted = dict(part.split('=') for part in parts[2].split())
            hosts[parts[0].strip()] = ' '.join(f'{k}={counted[k]}' for k in kinds if counted[k] != '0')
        files = {}
        for file in sorted(os.listdir(work)):
            with open(f'{work}/{file}') as opened: files[file] = opened.read().replace(work, '(work)')
    with open(f'{here}/{name}.json', 'w') as file:
        json.dump({'succeeded': run.returncode == 0, 'hosts': hosts, 'files': files}, file, indent=1, sort_keys=True)
        file.write('\n')
    print(name, run.returncode, hosts)
    if os.environ.get('SHOW'): print(run.stdout, run.stderr)
