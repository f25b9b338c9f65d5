#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# Stop one thread of a program, and no other, until standard input ends.
#
#   freeze.py TID
#
# Says "frozen" when the thread stands still. A signal that comes meanwhile is taken by
# another thread.
import ctypes
import os
import sys

SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17
WALL = 0x40000000

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def ptrace(request, tid):
    if libc.ptrace(request, tid, None, None) < 0:
        sys.exit("ptrace: " + os.strerror(ctypes.get_errno()))


tid = int(sys.argv[1])
ptrace(SEIZE, tid)
ptrace(INTERRUPT, tid)
os.waitpid(tid, WALL)
print("frozen", flush=True)
sys.stdin.read()
ptrace(DETACH, tid)
