#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# Plays the service manager's end of sd_notify(3): prints each line that arrives.
#
#   notify.py SOCKET
import os
import socket
import sys

s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
while True:
    for line in s.recv(65536).decode(errors="replace").splitlines():
        print(line, flush=True)
