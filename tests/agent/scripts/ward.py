"""An agent with one trial: prints the pids, obeys orders from standard input, prints what it was told."""

import json
import os
import select
import sys

from heartline.agent.trial import Job
from heartline.agent.warden import Ward

command, grace_s = json.loads(sys.argv[1]), float(sys.argv[2])
ward = Ward(Job("r", tuple(command), dict(os.environ), grace_s), [])
shown = False
while True:
    ready, _, _ = select.select([ward.pipe, 0], [], [])
    if 0 in ready and (letter := os.read(0, 1)):
        ward.order(letter)
    if ward.pipe in ready and not ward.hear():
        break
    if "pid" in ward.told and not shown:
        shown = True
        print(json.dumps([ward.pid, ward.told["pid"]]), flush=True)
print(json.dumps(ward.ended))
