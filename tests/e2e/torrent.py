#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""A BitTorrent client that opens its port by PCP, or else by NAT-PMP: torrent.py PORT

It runs until SIGTERM, then takes its port back and ends.
"""
import signal
import sys
import time

import libtorrent

stop = False


def on_term(*_):
    global stop
    stop = True


signal.signal(signal.SIGTERM, on_term)
session = libtorrent.session({
    "listen_interfaces": f"0.0.0.0:{sys.argv[1]}",
    "enable_natpmp": True,
    "enable_upnp": False,
    "enable_dht": False,
    "enable_lsd": False,
    "alert_mask": libtorrent.alert.category_t.all_categories,
})
while not stop:
    session.wait_for_alert(200)
    for alert in session.pop_alerts():
        print(alert.message(), flush=True)
session.apply_settings({"enable_natpmp": False})
time.sleep(1)
